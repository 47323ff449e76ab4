import type { JsonObject } from './json.ts'

/** A link by which anyone who holds its code reads one task without a key. A task has at most one. */
export interface Share {
  /** The code, 32 random hexadecimal digits. Whoever has it may read the task. */
  readonly code: string
  readonly taskId: string
  /** The user who shared it. */
  readonly createdBy: string
  /**
   * The permissions that a dialect gives to viewers. The core never interprets them and lets viewers read and nothing
   * else.
   */
  readonly permissions: JsonObject
  readonly createdAt: number
  readonly updatedAt: number
}
