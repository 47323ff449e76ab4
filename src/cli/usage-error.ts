/** The command line itself is wrong. The message is one sentence that says what to write instead; exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
