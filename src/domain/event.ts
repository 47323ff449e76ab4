import type { Amounts } from './budget.ts'
import type { Digest } from './content.ts'
import type { Decision } from './decision.ts'
import type { Dialect, Visibility } from './principal.ts'
import type { Place, RecordedConfig, RunError } from './task.ts'
import type { TaskWebhook } from './task-webhook.ts'
import type { Usage } from './usage.ts'

/** How a decision of the guard is recorded. */
export interface DecisionFacts extends Decision {
  readonly action: string
}

/** What a call of a model is held to: a reservation has no steps, since a step is spent when it starts. */
export type CallAmounts = Pick<Amounts, 'micros_usd' | 'tokens'>

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
  /** contents: `details`, what of it comes from its user (task-details.ts). */
  'task.submitted': {
    owner: string
    team: string | null
    /** Whose key had it made, and which; absent in journals of the first version, where it was the owner. */
    submitted_by?: { readonly user: string; readonly key: string | null }
    agent: string
    dialect: Dialect
    visibility: Visibility
    parent: string | null
    root: string
    /** What it may use up; a sub-task's comes from its parent. */
    budget: Amounts
    /** Labels that it takes on from its parent. */
    labels: readonly string[]
    /** The task's own endpoint, where it has one. */
    webhook?: TaskWebhook
  }
  /** contents: `message`. `manifest` is the workspace's manifest in the blob store, when files came with the message. */
  'message.added': { role: 'user'; manifest?: Digest }
  /**
   * contents: `extension`, what a dialect froze with the run, where that is something. A new run, its configuration frozen.
   * `input` is the digest of the message that started it.
   */
  'run.queued': {
    turn: number
    place: Place
    priority: number
    not_before: number | null
    config: RecordedConfig
    input: Digest
  }
  'run.claimed': { attempt: number }
  /** `died` and `broke` count towards the limit of lost attempts, `handed_back` does not. */
  'attempt.lost': { attempt: number; reason: 'died' | 'broke' | 'handed_back' }
  'run.stop_requested': Record<string, never>
  /** A step and an upper estimate of what its call will cost are taken from the budget. */
  'step.started': { step: number; model: string; provider: string; reserved: CallAmounts }
  /**
   * contents: `text`, `reasoning`, `provider` (its own messages, verbatim), each where there is one. The tool calls are the
   * action.requested events that follow.
   */
  'model.responded': {
    step: number
    finish: string
    usage: Usage
    cost_micros_usd: number
    /** Of the budget, what was reserved for the call. */
    released: CallAmounts
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
    released: CallAmounts
    /** For the next try. */
    reserved?: CallAmounts
    usage?: Usage
    cost_micros_usd?: number
    estimated?: boolean
  }
  /** contents: `arguments`. `call` is the provider's id; `repeats` names the action that a crash cut and this one does again. */
  'action.requested': { step: number; action: string; tool: string; call: string; repeats?: string }
  /**
   * contents: `inputs`, what was decided from; `arguments`, as the tool gets them, where they are not as the model wrote them.
   * `statement` is the certificate's digest, or the refusal record's.
   */
  'action.decided': DecisionFacts & { step: number; reserved_micros_usd: number; statement: Digest }
  /** Its certificate was taken back before it began. */
  'action.revoked': { step: number; action: string; certificate: Digest; by: string }
  /**
   * contents: `result`, but where the action is done again; `findings`, where something was found in it. `labels` are those it
   * brought to the run, `statement` is the settlement's digest (none for what was never certified, and for what a cancel cut). `manifest` is the workspace's manifest in the blob store, when the action wrote files. */
  'action.settled': {
    step: number
    action: string
    outcome: ActionOutcome
    duration_ms: number
    cost_micros_usd: number
    released_micros_usd: number
    statement?: Digest
    labels?: readonly string[]
    manifest?: Digest
    truncated?: boolean
    late?: boolean
  }
  /** More was used than had been reserved, so that the run ends. `of` is `step <number>` or the action's id. */
  'budget.overdrawn': { of: string; reserved: CallAmounts; used: CallAmounts }
  /** In the journal of a parent: a slice went to a sub-task, what that did not use came back, with the labels it took on. */
  'budget.transferred': { to: string; amounts: Amounts }
  'budget.returned': { from: string; amounts: Amounts; labels: readonly string[] }
  /** In the journal of a sub-task: a further slice for a further run, with the parent's labels; what was left went back. */
  'budget.granted': { from: string; amounts: Amounts; labels: readonly string[] }
  'budget.released': { to: string; amounts: Amounts }
  /** Its contents are gone; their digests stay. */
  'task.purged': { by: string; reason: 'retention' | 'request'; contents: number }
  'task.hold_placed': { by: string; reason: string }
  'task.hold_lifted': { by: string }
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
