import type { Parameter } from '../columns.ts'
import type { Durability } from '../open-database.ts'
import type { AdvanceName, RequirementName, WriteName, WriterSql } from './writer-sql.ts'

// What travels from the main thread to the writer thread: commits as the parameters of prepared SQL. Arrays of plain values
// are what the structured clone copies fastest, and neither thread builds anything twice.

/** The name of some SQL and its parameters. */
export type Call<Name extends string> = readonly [name: Name, ...parameters: Parameter[]]

export interface EncodedCommit {
  /** Each holds when its SQL finds a row. */
  readonly checks: readonly Call<RequirementName>[]
  readonly tasks: readonly EncodedTask[]
  /** Writes that need nothing of what the commit is given; they come after `tasks`. */
  readonly calls: readonly Call<WriteName>[]
  /** Null for nearly all commits. */
  readonly deliveries: readonly EncodedDelivery[] | null
  /** Some parameter is bytes. */
  readonly hasBytes: boolean
  /** It takes contents away for ever. */
  readonly purges: boolean
}

/** The index of its task in `tasks`, that of its event among the task's, and the rest of its parameters. */
export type EncodedDelivery = readonly [task: number, event: number, ...parameters: Parameter[]]

/** A row with those of `details` that it refers to; null where there are none. */
export interface EncodedRow {
  readonly details: readonly Parameter[] | null
  readonly row: readonly Parameter[]
}

/** Everything that one commit writes under one task's number. */
export interface EncodedTask {
  readonly id: string
  /** The new row; null for a task that is there. */
  readonly insert: EncodedRow | null
  /** What the row becomes when events are appended; null where there are none or the row is new. */
  readonly advance: Call<AdvanceName> | null
  /** New rows. */
  readonly runs: readonly EncodedRow[]
  /** Their envelopes as one JSON array, which is stored as it is; null where there are none. */
  readonly events: string | null
  readonly eventCount: number
  readonly contents: readonly (readonly Parameter[])[]
}

/**
 * The writer's answer to one commit: the index of the check that did not hold; or what was assigned, as a number and a last
 * seq for each of `tasks`, then a number for each new agent; or what was wrong.
 */
export type Answer = number | readonly number[] | { readonly failure: 'defect' | 'storage'; readonly message: string }

export interface WriterOptions {
  readonly path: string
  readonly sql: WriterSql
  readonly durability: Durability
  readonly checkpointPages: number
  /** For measurements: blocks the writer's thread this long at each group commit. */
  readonly syncDelayMs: number
  /** How often a store that cannot write tries again. */
  readonly probeMs: number
  /** For tests: the database may not grow beyond this; 0 for no limit. */
  readonly pagesMax: number
}

/**
 * A group as JSON, which is read and written faster than the structured clone copies it; as it is where it holds bytes;
 * an empty text to close.
 */
export type ToWriter = string | readonly EncodedCommit[]
export const closeWriter = ''

export interface FromWriter {
  /** In the order in which the commits were sent. */
  readonly answers: readonly Answer[]
  /** Why nothing can be written; undefined while all is well. */
  readonly problem: string | undefined
}
