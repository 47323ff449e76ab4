import { type Static, Type } from 'typebox'
import { count, uuid } from './fields.ts'
import type { Problem } from './problem.ts'

const deltaKinds = ['text.delta', 'reasoning.delta', 'action.progress'] as const
/** What a delta is a piece of. */
export type DeltaKind = (typeof deltaKinds)[number]

/**
 * What is streamed before it is committed: on SSE a frame without `id` whose `event` is the kind, on WebSocket
 * `{"type": kind, "data": …}` without `seq`. May be lost; the committed event holds the whole. `index` counts up within run, attempt, step,
 * kind and action; a snapshot holds all the text up to its `index`, for those who come late.
 */
const DeltaSchema = Type.Object({
  run: uuid(),
  attempt: Type.Integer({ minimum: 1 }),
  step: Type.Integer({ minimum: 1 }),
  index: count(),
  action: Type.Optional(Type.String({ description: 'The action that reports progress.' })),
  text: Type.String(),
  snapshot: Type.Boolean(),
})
export type DeltaView = Static<typeof DeltaSchema>

/** What a WebSocket carries beside the events. */
export interface DeltaMessage {
  readonly type: DeltaKind
  readonly data: DeltaView
}

/** The last message of a WebSocket that was refused; it closes with 4000 and the HTTP status. */
export interface ProblemMessage {
  readonly type: 'problem'
  readonly data: Problem
}
