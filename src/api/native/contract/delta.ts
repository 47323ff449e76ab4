import { type Static, Type } from 'typebox'
import { count, uuid } from './fields.ts'
import type { Problem } from './problem.ts'

const deltaKinds = ['text.delta', 'reasoning.delta', 'action.progress'] as const
/** The kind of text that a delta is a piece of. */
export type DeltaKind = (typeof deltaKinds)[number]

/**
 * A piece of a text that is streamed before it is committed: on SSE a frame without `id` whose `event` is the kind,
 * on WebSocket `{"type": kind, "data": …}` without `seq`. Deltas may be lost, and the committed event holds the whole
 * text. `index` counts up within run, attempt, step, kind and action. A snapshot holds the whole text up to its
 * `index`, for readers that connect late.
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
/** The data of a delta, on either transport. */
export type DeltaView = Static<typeof DeltaSchema>

/** A message of a WebSocket that carries a delta. */
export interface DeltaMessage {
  readonly type: DeltaKind
  readonly data: DeltaView
}

/** The last message of a WebSocket that was refused. The socket closes with 4000 and the HTTP status. */
export interface ProblemMessage {
  readonly type: 'problem'
  readonly data: Problem
}
