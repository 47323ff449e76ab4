/** Why the server cannot start; each has its exit code, after sysexits(3) where one fits. */
export const startErrorCodes = {
  usage: 64,
  data_folder: 73,
  data_in_use: 75,
  newer_schema: 76,
  port: 71,
} as const

/** One sentence for the person who started the server. Nothing was changed. */
export class StartError extends Error {
  readonly exitCode: number
  constructor(kind: keyof typeof startErrorCodes, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StartError'
    this.exitCode = startErrorCodes[kind]
  }
}
