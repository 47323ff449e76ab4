import type { Digest } from './content.ts'
import type { JsonObject } from './json.ts'
import type { Dialect, Visibility } from './principal.ts'
import type { Place, RunConfig, RunError } from './task.ts'
import type { TaskWebhook } from './task-webhook.ts'
import type { Usage } from './usage.ts'

/** How a decision of the guard is recorded. `rules` names what decided. */
export interface DecisionFacts {
  readonly action: string
  readonly answer: 'allow' | 'deny' | 'ask'
  readonly rules: readonly string[]
  /** Written for the model and for people; never holds arguments. */
  readonly reason: string
}

/**
 * `settled` ended normally, `failed` ended with an error the model is told, `unknown` was cut by a crash or a cancel and is
 * not safe to repeat, `denied` never began.
 */
export type ActionOutcome = 'settled' | 'failed' | 'unknown' | 'denied'

/**
 * The facts of each kind of event: only what is not private. Texts, arguments and results are contents, referred to by the
 * envelope under the roles named here.
 */
export interface EventFacts {
  'task.submitted': {
    owner: string
    team: string | null
    agent: string
    dialect: Dialect
    visibility: Visibility
    title: string
    parent: string | null
    root: string
    metadata: JsonObject
    extension: JsonObject
    /** The task's own endpoint, where it has one. */
    webhook?: TaskWebhook
  }
  /** contents: `message`. `manifest` is the workspace's manifest in the blob store, when files came with the message. */
  'message.added': { role: 'user'; manifest?: Digest }
  /** A new run, its configuration frozen. `input` is the digest of the message that started it. */
  'run.queued': {
    turn: number
    place: Place
    priority: number
    not_before: number | null
    config: RunConfig
    input: Digest
  }
  'run.claimed': { attempt: number }
  /** `died` and `broke` count towards the limit of lost attempts, `handed_back` does not. */
  'attempt.lost': { attempt: number; reason: 'died' | 'broke' | 'handed_back' }
  'run.stop_requested': Record<string, never>
  'step.started': { step: number; model: string; provider: string }
  /**
   * contents: `text`, `reasoning`, `provider` (its own messages, verbatim), each where there is one. The tool calls are the
   * action.requested events that follow.
   */
  'model.responded': {
    step: number
    finish: string
    usage: Usage
    cost_micros_usd: number
    /** The usage was not told (a call cut in the middle) and is our upper estimate. */
    estimated?: boolean
    calls: number
  }
  'model.failed': {
    step: number
    try: number
    code: string
    message: string
    will_retry: boolean
    retry_after_ms?: number
    usage?: Usage
    cost_micros_usd?: number
    estimated?: boolean
  }
  /** contents: `arguments`. `call` is the provider's id; `repeats` names the action that a crash cut and this one does again. */
  'action.requested': { step: number; action: string; tool: string; call: string; repeats?: string }
  'action.decided': DecisionFacts & { step: number }
  /** contents: `result`, but where the action is done again. `manifest` is the workspace's manifest in the blob store, when the action wrote files. */
  'action.settled': {
    step: number
    action: string
    outcome: ActionOutcome
    duration_ms: number
    manifest?: Digest
    truncated?: boolean
    late?: boolean
  }
  'run.waiting': { for: string }
  'run.paused': Record<string, never>
  'run.resumed': Record<string, never>
  /** contents: `result`. */
  'run.succeeded': Record<string, never>
  'run.failed': { error: RunError }
  /** contents: `result`, what the model said in the end. */
  'run.blocked': { error: RunError }
  'run.cancelled': { by: string }
}

export type EventKind = keyof EventFacts

/** One immutable fact of a journal: an envelope with references to contents. */
export type JournalEvent = {
  [K in EventKind]: {
    /** 1, 2, 3, … per task, without gap; assigned by the store in the commit. */
    readonly seq: number
    readonly kind: K
    readonly run: string | null
    readonly attempt: number | null
    /** Milliseconds since 1970, UTC. */
    readonly at: number
    readonly facts: EventFacts[K]
    readonly contents: Readonly<Record<string, Digest>>
  }
}[EventKind]

/** An event before the store has numbered it. */
export type NewEvent = {
  [K in EventKind]: Omit<Extract<JournalEvent, { kind: K }>, 'seq'>
}[EventKind]

export type EventOf<K extends EventKind> = Extract<JournalEvent, { kind: K }>
