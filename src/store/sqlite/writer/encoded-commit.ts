import type { Parameter } from '../columns.ts'
import type { Durability } from '../open-database.ts'
import type { AdvanceName, RequirementName, WriteName, WriterSql } from './writer-sql.ts'

// The messages between the main thread and the writer thread. A commit travels as the parameters of prepared SQL: the
// structured clone copies arrays of plain values fastest, and neither thread builds anything twice.

/** The name of prepared SQL and its parameters. */
export type Call<Name extends string> = readonly [name: Name, ...parameters: Parameter[]]

/** A commit in the form in which the writer thread executes it. */
export interface EncodedCommit {
  /** The requirements. Each holds where its SQL finds a row. */
  readonly checks: readonly Call<RequirementName>[]
  readonly tasks: readonly EncodedTask[]
  /** Writes that need no number that the writer assigns. They are executed after `tasks`. */
  readonly calls: readonly Call<WriteName>[]
  /** The deliveries, or null, as for nearly all commits. */
  readonly deliveries: readonly EncodedDelivery[] | null
  /** Whether a parameter is bytes, so that the commit cannot travel as JSON. */
  readonly hasBytes: boolean
  /** Whether the commit purges contents. */
  readonly purges: boolean
}

/**
 * A delivery: the index of its task in `tasks`, the index of its event among the task's events, and its other
 * parameters.
 */
export type EncodedDelivery = readonly [task: number, event: number, ...parameters: Parameter[]]

/** The parameters of a row and of the row of `details` that it refers to. Null `details` means that there is none. */
export interface EncodedRow {
  readonly details: readonly Parameter[] | null
  readonly row: readonly Parameter[]
}

/** Everything that one commit writes under the number of one task. */
export interface EncodedTask {
  readonly id: string
  /** The new row, or null for a task that exists. */
  readonly insert: EncodedRow | null
  /** The change of the row as events are appended, or null where there are none or the row is new. */
  readonly advance: Call<AdvanceName> | null
  /** The new runs. */
  readonly runs: readonly EncodedRow[]
  /** The envelopes as one JSON array, which is stored as it is, or null where there are none. */
  readonly events: string | null
  readonly eventCount: number
  readonly contents: readonly (readonly Parameter[])[]
}

/**
 * The writer's reply to one commit: the index of the requirement that did not hold; or the assigned numbers (number and
 * last seq for each of `tasks`, then a number for each new agent); or what failed.
 */
export type Reply = number | readonly number[] | { readonly failure: 'defect' | 'storage'; readonly message: string }

/** The options that the writer thread is started with. */
export interface WriterOptions {
  readonly path: string
  readonly sql: WriterSql
  readonly durability: Durability
  readonly checkpointPages: number
  /** For measurements: blocks the writer's thread this long at each group commit. */
  readonly syncDelayMs: number
  /** The interval at which a store that cannot write tries again. */
  readonly probeMs: number
  /** For tests: the number of pages that the database may not exceed, or 0 for no limit. */
  readonly pagesMax: number
}

/**
 * A group of commits as JSON, which is faster to write and read than a structured clone; as an array where a parameter
 * is bytes; or an empty text, which closes the writer.
 */
export type ToWriter = string | readonly EncodedCommit[]
/** The message that closes the writer. */
export const closeWriter = ''

/** A message from the writer thread. */
export interface FromWriter {
  /** The replies, in the order in which the commits were sent. */
  readonly replies: readonly Reply[]
  /** The reason why nothing can be written, or undefined. */
  readonly problem: StorageProblem | undefined
}

/** The reason why nothing can be written, in words for the operator. */
export interface StorageProblem {
  readonly message: string
  /** Whether the files were removed or replaced, so that waiting does not help. */
  readonly filesGone: boolean
}
