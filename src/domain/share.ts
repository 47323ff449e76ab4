import type { JsonObject } from './json.ts'

/** A link to one task for whoever holds its code, without a key. A task has at most one. */
export interface Share {
  /** 32 hex digits that cannot be guessed: who has them may read the task. */
  readonly code: string
  readonly taskId: string
  /** The user who shared it. */
  readonly createdBy: string
  /** What a dialect says its viewers may do; never interpreted by the core, which lets them read and nothing else. */
  readonly permissions: JsonObject
  readonly createdAt: number
  readonly updatedAt: number
}
