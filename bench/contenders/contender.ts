export const contenderNames = ['control', 'bullmq', 'mandate'] as const
export type ContenderName = (typeof contenderNames)[number]

/** A server under load. `pids` are the processes whose CPU and memory count as the server's. */
export interface RunningServer {
  readonly name: ContenderName
  readonly port: number
  readonly key: string
  readonly pids: readonly number[]
  /** From the start of the process to its line `listening on`, in milliseconds since the program's time origin. */
  readonly spawnedAt: number
  /** SIGTERM, then waits for the end (SIGKILL after 15 s). */
  stop(): Promise<void>
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>
}

export interface Contender {
  readonly name: ContenderName
  /** Why it cannot run here; undefined when it can. */
  readonly absent: string | undefined
  /** Starts it on this data folder, pinned to the server core; resolves once it listens. */
  start(folder: string, extra?: StartOptions): Promise<RunningServer>
}

interface StartOptions {
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}
