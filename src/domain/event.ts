import { denialReasons } from './capability.ts'
import type { Digest } from './content.ts'
import { answers } from './decision.ts'
import { dialects, roles, visibilities } from './principal.ts'
import { answerChannels, answerOutcomes, expiryOutcomes, promptKinds, withdrawalReasons } from './prompt.ts'
import {
  anyObject,
  type Check,
  count,
  digest,
  flag,
  id,
  listOf,
  mapOf,
  matching,
  nullable,
  object,
  oneOf,
  onlyTrue,
  optional,
  type Shape,
  type TypeOf,
  text,
} from './shape.ts'
import type { Place, RecordedConfig } from './task.ts'

/**
 * The outcomes of an action: `settled` normally; `failed` with an error that the model is given; `unknown` where a
 * crash, a stop or a cancel interrupted it and it is not safe to repeat; `denied` where it never began.
 */
export const actionOutcomes = ['settled', 'failed', 'unknown', 'denied'] as const
/** The outcome of an action. */
export type ActionOutcome = (typeof actionOutcomes)[number]

/** The reasons for which the server ended a model call. */
export const callInterruptions = ['stopped', 'cancelled', 'timed_out', 'handed_back', 'lost'] as const
/** The reason for which the server ended a model call. */
export type CallInterruption = (typeof callInterruptions)[number]

const some = matching(/^[\s\S]+$/u, 'a text that says something')
const amounts = object({ micros_usd: count, tokens: count, steps: count })
const callAmounts = object({ micros_usd: count, tokens: count })
const error = object({ code: text, message: text })
const nothing = object({})
const usage = object({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  reasoningTokens: count,
})
/** The shape of the principal that a run acts for. */
export const principalShape = object({ user: id, team: nullable(id), role: oneOf(roles) })
/** The shape of a person who answers a prompt. */
export const responderShape = object({ user: id, key: nullable(id), via: oneOf(answerChannels) })
/** The shape of a reference to a version of a policy. */
export const policyRefShape = object({ name: some, digest })

/** The amounts that bound a model call. A reservation has no steps, since a step is spent when it starts. */
export type CallAmounts = TypeOf<typeof callAmounts>

const config: Shape<RecordedConfig> = object({
  model: object({ provider: text, model: text, name: nullable(text), options: anyObject }),
  instructions: nullable(digest),
  tools: listOf(text),
  capabilities: listOf(text),
  denied: listOf(object({ permission: text, reason: oneOf(denialReasons), detail: text })),
  policy: policyRefShape,
  retentionDays: count,
  principal: principalShape,
  pathLabels: listOf(object({ path: text, labels: listOf(text) })),
  stepsMax: count,
  timeoutMs: count,
  stepTimeoutMs: count,
  queueTimeoutMs: count,
  toolCostsMicrosUsd: optional(mapOf(count)),
  ownKey: optional(onlyTrue),
  fourEyes: optional(onlyTrue),
  notice: optional(text),
})

const place = { step: count, action: id }

/**
 * The facts of each kind of event, described once: their types, the check of audit packages and the native contract follow
 * from these. They hold only what is not private: texts, arguments and results are contents, which the envelope refers to
 * under the roles named here.
 *
 * Shapes only ever grow: a released kind keeps its required fields, and new fields are optional.
 */
export const eventShapes = {
  /** contents: `details`, the user's part of the task (task-details.ts). */
  'task.submitted': object({
    owner: id,
    team: nullable(id),
    /** The user and the key that submitted it. Absent in audit packages of 0.1.0, where the submitter was the owner. */
    submitted_by: optional(object({ user: id, key: nullable(id) })),
    agent: id,
    dialect: oneOf(dialects),
    visibility: oneOf(visibilities),
    parent: nullable(id),
    root: id,
    /** The budget. That of a sub-task is a slice of its parent's. */
    budget: amounts,
    /** The labels that it inherits from its parent. */
    labels: listOf(text),
    /** The task's own endpoint, if it has one. */
    webhook: optional(object({ endpoint: text, events: listOf(text) })),
  }),
  /** contents: `message`. `manifest` is the workspace's manifest in the blob store, when files came with the message. */
  'message.added': object({ role: oneOf(['user']), manifest: optional(digest) }),
  /**
   * A run was queued with its frozen configuration. `input` is the digest of the message that started it. contents:
   * `extension`, the data that a dialect froze with the run, if any.
   */
  'run.queued': object({
    turn: count,
    place: matching<Place>(/^(?:cloud|machine):/u, 'a place'),
    priority: count,
    not_before: nullable(count),
    config,
    input: digest,
  }),
  'run.claimed': object({ attempt: count }),
  /**
   * An attempt was lost. `died` and `broke` count towards the limit of lost attempts, `handed_back` does not. The next
   * attempt starts at `not_before` at the earliest, where that is given.
   */
  'attempt.lost': object({
    attempt: count,
    reason: oneOf(['died', 'broke', 'handed_back']),
    not_before: optional(count),
  }),
  /** A stop was requested that the attempt has not reached yet. `run.paused` or `run.stop_withdrawn` follows. */
  'run.stop_requested': nothing,
  'run.stop_withdrawn': nothing,
  /** A step started. It and an upper bound of the cost of its call are taken from the budget. */
  'step.started': object({ step: count, model: text, provider: text, reserved: callAmounts }),
  /**
   * The model responded. contents: `text`, `reasoning`, `provider` (the provider's own messages, verbatim), each where
   * there is one. The `action.requested` events that follow are its tool calls.
   */
  'model.responded': object({
    step: count,
    finish: text,
    usage,
    cost_micros_usd: count,
    /** The amounts that were reserved for the call. */
    released: callAmounts,
    calls: count,
    /** Whether the usage is our upper estimate, since the provider did not report it. */
    estimated: optional(flag),
  }),
  'model.failed': object({
    step: count,
    try: count,
    code: text,
    message: text,
    will_retry: flag,
    retry_after_ms: optional(count),
    released: callAmounts,
    /** The amounts reserved for the next try. */
    reserved: optional(callAmounts),
    usage: optional(usage),
    cost_micros_usd: optional(count),
    estimated: optional(flag),
  }),
  /**
   * The server ended a call before its response was complete. contents: `text` and `reasoning` that had been streamed,
   * each where there is some. `lost` means that the process ended during the call. Without a usage the call had not
   * been sent.
   */
  'model.interrupted': object({
    step: count,
    try: count,
    reason: oneOf(callInterruptions),
    released: callAmounts,
    usage: optional(usage),
    cost_micros_usd: optional(count),
    estimated: optional(flag),
  }),
  /**
   * The model requested an action. contents: `arguments`. `call` is the provider's id of the tool call; `repeats` names
   * the action that a crash interrupted and this one repeats.
   */
  'action.requested': object({ ...place, tool: text, call: text, repeats: optional(id) }),
  /**
   * The guard decided about an action. contents: `inputs`, which the decision was made from; `arguments` after
   * redaction, where the guard replaced some of them. `statement` is the digest of the certificate or of the refusal
   * record.
   */
  'action.decided': object({
    ...place,
    answer: oneOf(answers),
    rules: listOf(text),
    reason: text,
    reserved_micros_usd: count,
    statement: digest,
  }),
  /** The certificate of an action was revoked before the action began. */
  'action.revoked': object({ ...place, certificate: digest, by: text }),
  /**
   * An action ended. contents: `result`, except where the action is repeated; `findings`, where something was found in
   * the result. `labels` are those that it added to the run. `statement` is the digest of the settlement, which does
   * not exist for an action that was never certified or that a cancel interrupted. `manifest` is the workspace's, where
   * the action wrote files.
   */
  'action.settled': object({
    ...place,
    outcome: oneOf(actionOutcomes),
    duration_ms: count,
    cost_micros_usd: count,
    released_micros_usd: count,
    statement: optional(digest),
    labels: optional(listOf(text)),
    manifest: optional(digest),
    truncated: optional(flag),
    late: optional(flag),
  }),
  /**
   * A call used more than was reserved for it, so that the run ends. `of` is `step <number>` or the id of the action.
   */
  'budget.overdrawn': object({ of: some, reserved: callAmounts, used: callAmounts }),
  /** In the journal of a parent: a slice of the budget went to a sub-task. */
  'budget.transferred': object({ to: id, amounts }),
  /**
   * In the journal of a parent: the unused budget of a sub-task came back, with the labels that the sub-task took on.
   */
  'budget.returned': object({ from: id, amounts, labels: listOf(text) }),
  /** In the journal of a sub-task: a further slice for a further run, with the parent's labels. */
  'budget.granted': object({ from: id, amounts, labels: listOf(text) }),
  /** In the journal of a sub-task: the remaining budget went back. */
  'budget.released': object({ to: id, amounts }),
  /** The contents of the task were deleted. Their digests stay. */
  'task.purged': object({ by: text, reason: oneOf(['retention', 'request']), contents: count }),
  'task.hold_placed': object({ by: text, reason: text }),
  'task.hold_lifted': object({ by: text }),
  /**
   * A prompt was opened: the run asks a person. contents: `payload`, what is asked. `statement` is the decision to ask about an
   * action; a question has none.
   */
  'prompt.opened': object({
    prompt: id,
    prompt_kind: oneOf(promptKinds),
    step: count,
    action: nullable(id),
    tool: nullable(text),
    categories: listOf(text),
    version: count,
    expires_at: nullable(count),
    on_expiry: oneOf(expiryOutcomes),
  }),
  /** A person answered. contents: `answer`. `statement` is the digest of the signed answer. */
  'prompt.answered': object({
    prompt: id,
    outcome: oneOf(answerOutcomes),
    by: responderShape,
    statement: optional(digest),
  }),
  /** Somebody tried to answer who may not. The prompt stays open. */
  'prompt.rejected': object({ prompt: id, by: responderShape, code: text, message: text }),
  /** Nobody answered in time. `outcome` is what the prompt declared for that. */
  'prompt.expired': object({ prompt: id, outcome: oneOf(expiryOutcomes) }),
  /** Nobody can answer any more. */
  'prompt.withdrawn': object({ prompt: id, reason: oneOf(withdrawalReasons) }),
  /** The run holds no worker until something is settled. `for` is `prompt`. */
  'run.waiting': object({ for: text }),
  'run.paused': nothing,
  'run.resumed': nothing,
  /** The run succeeded. contents: `result`. */
  'run.succeeded': nothing,
  'run.failed': object({ error }),
  /** The run was blocked. contents: `result`, the model's last text. */
  'run.blocked': object({ error }),
  'run.cancelled': object({ by: text }),
} as const satisfies Readonly<Record<string, Check>>

/** A kind of event. */
export type EventKind = keyof typeof eventShapes
/** All kinds of events. */
export const eventKinds = Object.keys(eventShapes) as readonly EventKind[]

/** The facts of each kind of event. */
export type EventFacts = { readonly [K in EventKind]: TypeOf<(typeof eventShapes)[K]> }

/** One immutable fact of a journal: an envelope with references to contents. */
export type JournalEvent = {
  [K in EventKind]: {
    /** The number within the task: 1, 2, 3, … without gaps. The store assigns it in the commit. */
    readonly seq: number
    readonly kind: K
    readonly run: string | null
    readonly attempt: number | null
    /** The instant, in epoch milliseconds. */
    readonly at: number
    readonly facts: EventFacts[K]
    readonly contents: Readonly<Record<string, Digest>>
  }
}[EventKind]

/** An event before the store has numbered it. */
export type NewEvent = {
  [K in EventKind]: Omit<Extract<JournalEvent, { kind: K }>, 'seq'>
}[EventKind]

/** An event before or after the store has numbered it. */
export type AnyEvent = JournalEvent | NewEvent

/** A journal event of one kind. */
export type EventOf<K extends EventKind> = Extract<JournalEvent, { kind: K }>
/** An event of one kind, numbered or not. */
export type AnyEventOf<K extends EventKind> = Extract<AnyEvent, { kind: K }>

/** The subject of an event: the word before the dot of its kind. */
export type EventSubject = EventKind extends infer K ? (K extends `${infer S}.${string}` ? S : never) : never

/**
 * Whether an event has one of these subjects. A reader that ignores, say, budgets excludes them by this and then names
 * every other kind, so that the compiler leads a new kind to every reader.
 */
export function isAbout<E extends { readonly kind: EventKind }, S extends EventSubject>(
  event: E,
  ...subjects: readonly S[]
): event is Extract<E, { readonly kind: `${S}.${string}` }> {
  const subject = event.kind.slice(0, event.kind.indexOf('.'))
  return (subjects as readonly string[]).includes(subject)
}
