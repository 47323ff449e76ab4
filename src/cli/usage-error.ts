/** The command line itself is wrong. The message is one sentence that says what to write instead; exit code 2. */
export class UsageError extends Error {
  /** The command that shows what there is, without the name of the program. */
  readonly see: string | undefined
  constructor(message: string, see?: string) {
    super(message)
    this.name = 'UsageError'
    this.see = see
  }
}
