import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { callInterruptions, type EventKind } from '../../../domain/event.ts'
import { dialects, roles, visibilities } from '../../../domain/principal.ts'
import { answerOutcomes, expiryOutcomes, promptKinds, withdrawalReasons } from '../../../domain/prompt.ts'
import { AmountsSchema, CallAmountsSchema } from './budget.ts'
import { count, instant, microsUsd, nullable, uuid } from './fields.ts'
import { DeniedCapabilitySchema, digest, PathLabelsSchema, PolicyRefSchema } from './policy-ref.ts'
import { ResponderSchema } from './prompt.ts'
import { RunErrorSchema } from './run.ts'
import { ReadableSchema } from './sealed.ts'
import { UsageSchema } from './usage.ts'

const of = <K extends string, P extends TProperties>(type: K, data: P) =>
  Type.Object({
    seq: Type.Integer({ minimum: 1, description: '1, 2, 3, … per task, without gap.' }),
    type: Type.Literal(type),
    run: nullable(uuid()),
    attempt: nullable(Type.Integer({ minimum: 1 })),
    at: instant(),
    data: Type.Object(data),
  })

const step = Type.Integer({ minimum: 1 })
const optional = Type.Optional
/** Other people to whom a task is shown do not see who did something, nor why the task is on hold. */
const person = optional(Type.String({ description: 'Left out for others to whom the task is shown.' }))
const json = Type.Record(Type.String(), Type.Unknown())
const labels = Type.Array(Type.String())
const manifest = optional(Type.String({ description: "The digest of the manifest of the workspace's files." }))

const promptId = Type.String({ description: 'The prompt, at `GET /v1/prompts/{id}`.' })

const RunConfigSchema = Type.Object({
  provider: Type.String(),
  model: Type.String(),
  model_name: nullable(Type.String()),
  tools: Type.Array(Type.String()),
  capabilities: Type.Array(Type.String()),
  denied_capabilities: Type.Array(DeniedCapabilitySchema),
  policy: PolicyRefSchema,
  retention_days: Type.Integer(),
  principal: optional(Type.Object({ user: Type.String(), team: nullable(Type.String()), role: Type.Enum([...roles]) })),
  path_labels: Type.Array(PathLabelsSchema),
  max_steps: count(),
  timeout_seconds: Type.Number(),
  step_timeout_seconds: Type.Number(),
  queue_timeout_seconds: Type.Number(),
  four_eyes: optional(
    Type.Boolean({ description: 'Whoever asked for it decides about none of its approvals, by its policy.' }),
  ),
  notice: optional(Type.String({ description: 'What is held back and why, where something is.' })),
})

/** The data of each kind of event: its facts, and its texts as far as they can be read. */
const eventSchemas = {
  'task.submitted': of('task.submitted', {
    owner: person,
    team: optional(nullable(Type.String())),
    submitted_by: optional(
      Type.Object(
        { user: Type.String(), key: nullable(Type.String()) },
        {
          description:
            'Whose key asked for it, and which; the owner, where the task does not belong to the user of its agent.',
        },
      ),
    ),
    agent: Type.String(),
    dialect: Type.Enum([...dialects]),
    visibility: Type.Enum([...visibilities]),
    title: Type.String(),
    parent: nullable(Type.String()),
    root: Type.String(),
    metadata: json,
    budget: AmountsSchema,
    labels,
  }),
  'message.added': of('message.added', { role: Type.Literal('user'), message: ReadableSchema, manifest }),
  'run.queued': of('run.queued', {
    turn: Type.Integer({ minimum: 1 }),
    place: Type.String(),
    priority: Type.Integer(),
    not_before: nullable(instant()),
    config: RunConfigSchema,
  }),
  'run.claimed': of('run.claimed', { attempt: Type.Integer({ minimum: 1 }) }),
  'attempt.lost': of('attempt.lost', {
    attempt: Type.Integer({ minimum: 1 }),
    reason: Type.Enum(['died', 'broke', 'handed_back']),
    not_before: optional(instant()),
  }),
  'run.stop_requested': of('run.stop_requested', {}),
  'run.stop_withdrawn': of('run.stop_withdrawn', {}),
  'step.started': of('step.started', {
    step,
    model: Type.String(),
    provider: Type.String(),
    reserved: CallAmountsSchema,
  }),
  'model.responded': of('model.responded', {
    step,
    text: ReadableSchema,
    reasoning: ReadableSchema,
    finish: Type.String(),
    usage: UsageSchema,
    cost_micros_usd: microsUsd(),
    released: CallAmountsSchema,
    estimated: optional(
      Type.Boolean({ description: 'The provider did not report the usage; it is an upper estimate.' }),
    ),
    calls: count(),
  }),
  'model.failed': of('model.failed', {
    step,
    try: Type.Integer({ minimum: 1 }),
    code: Type.String(),
    message: Type.String(),
    will_retry: Type.Boolean(),
    retry_after_ms: optional(Type.Number()),
    released: CallAmountsSchema,
    reserved: optional(CallAmountsSchema),
    usage: optional(UsageSchema),
    cost_micros_usd: optional(microsUsd()),
    estimated: optional(Type.Boolean()),
  }),
  'model.interrupted': of('model.interrupted', {
    step,
    try: Type.Integer({ minimum: 1 }),
    reason: Type.Enum([...callInterruptions], { description: 'Why the server ended the call.' }),
    text: ReadableSchema,
    reasoning: ReadableSchema,
    released: CallAmountsSchema,
    usage: optional(UsageSchema),
    cost_micros_usd: optional(microsUsd()),
    estimated: optional(Type.Boolean()),
  }),
  'action.requested': of('action.requested', {
    step,
    action: Type.String(),
    tool: Type.String(),
    call: Type.String(),
    repeats: optional(Type.String({ description: 'The action that a crash cut and this one does again.' })),
    arguments: Type.Unknown({ description: 'The parsed JSON; null where it was purged, sealed where it is.' }),
  }),
  'action.decided': of('action.decided', {
    step,
    action: Type.String(),
    answer: Type.Enum(['allow', 'deny', 'ask']),
    rules: Type.Array(Type.String()),
    reason: Type.String(),
    reserved_micros_usd: microsUsd(),
    statement: digest('Of the certificate, or of the refusal record.'),
    inputs: optional(Type.Unknown({ description: 'What was decided from; null where it was purged.' })),
    arguments: optional(
      Type.Unknown({
        description: 'As the tool gets them, where they are not as the model wrote them; null where purged.',
      }),
    ),
  }),
  'action.revoked': of('action.revoked', { step, action: Type.String(), certificate: digest(), by: person }),
  'action.settled': of('action.settled', {
    step,
    action: Type.String(),
    outcome: Type.Enum(['settled', 'failed', 'unknown', 'denied']),
    duration_ms: Type.Number(),
    cost_micros_usd: microsUsd(),
    released_micros_usd: microsUsd(),
    statement: optional(digest('Of the settlement.')),
    labels: optional(Type.Array(Type.String(), { description: 'That the result brought to the run.' })),
    result: ReadableSchema,
    findings: optional(
      Type.Unknown({ description: 'What was found in the result, without its text; null where purged.' }),
    ),
    manifest,
    truncated: optional(Type.Boolean()),
    late: optional(Type.Boolean()),
  }),
  'budget.overdrawn': of('budget.overdrawn', {
    of: Type.String({ description: 'What cost more than had been reserved: `step <number>`, or the id of an action.' }),
    reserved: CallAmountsSchema,
    used: CallAmountsSchema,
  }),
  'budget.transferred': of('budget.transferred', { to: Type.String(), amounts: AmountsSchema }),
  'budget.returned': of('budget.returned', { from: Type.String(), amounts: AmountsSchema, labels }),
  'budget.granted': of('budget.granted', { from: Type.String(), amounts: AmountsSchema, labels }),
  'budget.released': of('budget.released', { to: Type.String(), amounts: AmountsSchema }),
  'task.purged': of('task.purged', {
    by: person,
    reason: Type.Enum(['retention', 'request']),
    contents: count(),
  }),
  'task.hold_placed': of('task.hold_placed', { by: person, reason: optional(Type.String()) }),
  'task.hold_lifted': of('task.hold_lifted', { by: person }),
  'prompt.opened': of('prompt.opened', {
    prompt: promptId,
    prompt_kind: Type.Enum([...promptKinds]),
    step,
    action: nullable(Type.String({ description: 'The action that it comes from, if it comes from one.' })),
    tool: nullable(Type.String()),
    categories: Type.Array(Type.String()),
    version: count(),
    expires_at: nullable(instant()),
    on_expiry: Type.Enum([...expiryOutcomes]),
    payload: Type.Unknown({ description: 'What is asked; null where it was purged.' }),
  }),
  'prompt.answered': of('prompt.answered', {
    prompt: promptId,
    outcome: Type.Enum([...answerOutcomes]),
    by: optional(ResponderSchema),
    statement: optional(digest('Of the signed answer.')),
    answer: Type.Unknown({ description: 'The answer; null where it was purged.' }),
  }),
  'prompt.rejected': of('prompt.rejected', {
    prompt: promptId,
    by: optional(ResponderSchema),
    code: Type.String(),
    message: Type.String(),
  }),
  'prompt.expired': of('prompt.expired', { prompt: promptId, outcome: Type.Enum([...expiryOutcomes]) }),
  'prompt.withdrawn': of('prompt.withdrawn', { prompt: promptId, reason: Type.Enum([...withdrawalReasons]) }),
  'run.waiting': of('run.waiting', { for: Type.String() }),
  'run.paused': of('run.paused', {}),
  'run.resumed': of('run.resumed', {}),
  'run.succeeded': of('run.succeeded', { result: ReadableSchema }),
  'run.failed': of('run.failed', { error: RunErrorSchema }),
  'run.blocked': of('run.blocked', { error: RunErrorSchema, result: ReadableSchema }),
  'run.cancelled': of('run.cancelled', { by: person }),
} satisfies Record<EventKind, TSchema>

/** An event of a journal. Each kind has its own schema, and `type` discriminates them. */
export const EventSchema = Type.Union([
  eventSchemas['task.submitted'],
  eventSchemas['message.added'],
  eventSchemas['run.queued'],
  eventSchemas['run.claimed'],
  eventSchemas['attempt.lost'],
  eventSchemas['run.stop_requested'],
  eventSchemas['run.stop_withdrawn'],
  eventSchemas['step.started'],
  eventSchemas['model.responded'],
  eventSchemas['model.failed'],
  eventSchemas['model.interrupted'],
  eventSchemas['action.requested'],
  eventSchemas['action.decided'],
  eventSchemas['action.revoked'],
  eventSchemas['action.settled'],
  eventSchemas['budget.overdrawn'],
  eventSchemas['budget.transferred'],
  eventSchemas['budget.returned'],
  eventSchemas['budget.granted'],
  eventSchemas['budget.released'],
  eventSchemas['task.purged'],
  eventSchemas['task.hold_placed'],
  eventSchemas['task.hold_lifted'],
  eventSchemas['prompt.opened'],
  eventSchemas['prompt.answered'],
  eventSchemas['prompt.rejected'],
  eventSchemas['prompt.expired'],
  eventSchemas['prompt.withdrawn'],
  eventSchemas['run.waiting'],
  eventSchemas['run.paused'],
  eventSchemas['run.resumed'],
  eventSchemas['run.succeeded'],
  eventSchemas['run.failed'],
  eventSchemas['run.blocked'],
  eventSchemas['run.cancelled'],
])
/**
 * One event of a journal, which is the same object on every transport. A client must ignore a `type` that it does not
 * know.
 */
export type EventView = Static<typeof EventSchema>
/** An event of one kind, as clients read it. */
export type EventViewOf<K extends EventView['type']> = Extract<EventView, { type: K }>

/** Events after a `seq`, oldest first. `has_more` tells that the journal has more of them at this moment. */
export const EventPageSchema = Type.Object({ events: Type.Array(EventSchema), has_more: Type.Boolean() })
/** The response of `GET /v1/tasks/{id}/events`. */
export type EventPage = Static<typeof EventPageSchema>
