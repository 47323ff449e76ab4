import type { Amounts } from '../../domain/budget.ts'
import { type DeniedCapability, denialReasons } from '../../domain/capability.ts'
import type { CallAmounts, EventFacts, EventKind, JournalEvent } from '../../domain/event.ts'
import { eventKinds } from '../../domain/event-kinds.ts'
import { dialects, roles, visibilities } from '../../domain/principal.ts'
import type { ModelChoice, PathLabels, RecordedConfig, RunError } from '../../domain/task.ts'
import type { TaskWebhook } from '../../domain/task-webhook.ts'
import type { Usage } from '../../domain/usage.ts'
import { type Check, count, flag, listOf, matching, nullable, oneOf, record, text } from '../check-shape.ts'
import type { Problem } from '../problem.ts'

type OptionalNames<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]

/** A record of which some fields may be left out; like `record`, it does not compile until it has all fields of its type. */
function open<T>(
  fields: { readonly [K in Exclude<keyof T, OptionalNames<T>>]: Check },
  optional: { readonly [K in OptionalNames<T>]-?: Check },
): Check {
  const optionals = Object.entries<Check>(optional)
  const required = record<object>(fields)
  return (value, at) => {
    const misfit = anyObject(value, at)
    if (misfit !== undefined) return misfit
    const rest = new Map<string, unknown>(Object.entries(value as object))
    for (const [name, check] of optionals) {
      const problem = rest.has(name) ? check(rest.get(name), `${at}.${name}`) : undefined
      if (problem !== undefined) return problem
      rest.delete(name)
    }
    return required(Object.fromEntries(rest), at)
  }
}

/** An object whose members all pass, whatever their names. */
export function mapOf(check: Check): Check {
  return (value, at) => {
    const misfit = anyObject(value, at)
    if (misfit !== undefined) return misfit
    for (const [name, member] of Object.entries(value as object)) {
      const problem = check(member, `${at}[${JSON.stringify(name)}]`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** Any JSON object: it is bound as it is, and nothing in it is acted on. */
export function anyObject(value: unknown, at: string): Problem | undefined {
  const is = typeof value === 'object' && value !== null && !Array.isArray(value)
  return is ? undefined : { problem: `${at} is not an object` }
}

export const id = matching(/^[\s\S]+$/u, 'an id')
export const digest = matching(/^sha256:[0-9a-f]{64}$/u, 'a digest')
const some = matching(/^[\s\S]+$/u, 'a text that says something')
const onlyTrue: Check = (value, at) => (value === true ? undefined : { problem: `${at} is not true` })

const amounts = record<Amounts>({ micros_usd: count, tokens: count, steps: count })
const callAmounts = record<CallAmounts>({ micros_usd: count, tokens: count })
const error = record<RunError>({ code: text, message: text })
const usage = record<Usage>({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  reasoningTokens: count,
})
const outcome = oneOf(['settled', 'failed', 'unknown', 'denied'])
const nothing = record<Record<never, never>>({})

export const principal = record<RecordedConfig['principal']>({ user: id, team: nullable(id), role: oneOf(roles) })
export const policyRef = record<RecordedConfig['policy']>({ name: some, digest })

const config = open<RecordedConfig>(
  {
    model: record<ModelChoice>({ provider: text, model: text, name: nullable(text), options: anyObject }),
    instructions: nullable(digest),
    tools: listOf(text),
    capabilities: listOf(text),
    denied: listOf(record<DeniedCapability>({ permission: text, reason: oneOf(denialReasons), detail: text })),
    policy: policyRef,
    retentionDays: count,
    principal,
    pathLabels: listOf(record<PathLabels>({ path: text, labels: listOf(text) })),
    stepsMax: count,
    timeoutMs: count,
    stepTimeoutMs: count,
    queueTimeoutMs: count,
  },
  { toolCostsMicrosUsd: mapOf(count), ownKey: onlyTrue },
)

const place = { step: count, action: id }

/** What the facts of each kind of event must be. */
const factShapes: { readonly [K in EventKind]: Check } = {
  'task.submitted': open<EventFacts['task.submitted']>(
    {
      owner: id,
      team: nullable(id),
      agent: id,
      dialect: oneOf(dialects),
      visibility: oneOf(visibilities),
      parent: nullable(id),
      root: id,
      budget: amounts,
      labels: listOf(text),
    },
    {
      webhook: record<TaskWebhook>({ endpoint: text, events: listOf(text) }),
      submitted_by: record({ user: id, key: nullable(id) }),
    },
  ),
  'message.added': open<EventFacts['message.added']>({ role: oneOf(['user']) }, { manifest: digest }),
  'run.queued': record<EventFacts['run.queued']>({
    turn: count,
    place: matching(/^(?:cloud|machine):/u, 'a place'),
    priority: count,
    not_before: nullable(count),
    config,
    input: digest,
  }),
  'run.claimed': record<EventFacts['run.claimed']>({ attempt: count }),
  'attempt.lost': record<EventFacts['attempt.lost']>({
    attempt: count,
    reason: oneOf(['died', 'broke', 'handed_back']),
  }),
  'run.stop_requested': nothing,
  'step.started': record<EventFacts['step.started']>({
    step: count,
    model: text,
    provider: text,
    reserved: callAmounts,
  }),
  'model.responded': open<EventFacts['model.responded']>(
    { step: count, finish: text, usage, cost_micros_usd: count, released: callAmounts, calls: count },
    { estimated: flag },
  ),
  'model.failed': open<EventFacts['model.failed']>(
    { step: count, try: count, code: text, message: text, will_retry: flag, released: callAmounts },
    { retry_after_ms: count, reserved: callAmounts, usage, cost_micros_usd: count, estimated: flag },
  ),
  'action.requested': open<EventFacts['action.requested']>({ ...place, tool: text, call: text }, { repeats: id }),
  'action.decided': record<EventFacts['action.decided']>({
    ...place,
    answer: oneOf(['allow', 'deny', 'ask']),
    rules: listOf(text),
    reason: text,
    reserved_micros_usd: count,
    statement: digest,
  }),
  'action.revoked': record<EventFacts['action.revoked']>({ ...place, certificate: digest, by: text }),
  'action.settled': open<EventFacts['action.settled']>(
    { ...place, outcome, duration_ms: count, cost_micros_usd: count, released_micros_usd: count },
    { statement: digest, labels: listOf(text), manifest: digest, truncated: flag, late: flag },
  ),
  'budget.overdrawn': record<EventFacts['budget.overdrawn']>({ of: some, reserved: callAmounts, used: callAmounts }),
  'budget.transferred': record<EventFacts['budget.transferred']>({ to: id, amounts }),
  'budget.returned': record<EventFacts['budget.returned']>({ from: id, amounts, labels: listOf(text) }),
  'budget.granted': record<EventFacts['budget.granted']>({ from: id, amounts, labels: listOf(text) }),
  'budget.released': record<EventFacts['budget.released']>({ to: id, amounts }),
  'task.purged': record<EventFacts['task.purged']>({
    by: text,
    reason: oneOf(['retention', 'request']),
    contents: count,
  }),
  'task.hold_placed': record<EventFacts['task.hold_placed']>({ by: text, reason: text }),
  'task.hold_lifted': record<EventFacts['task.hold_lifted']>({ by: text }),
  'run.waiting': record<EventFacts['run.waiting']>({ for: text }),
  'run.paused': nothing,
  'run.resumed': nothing,
  'run.succeeded': nothing,
  'run.failed': record<EventFacts['run.failed']>({ error }),
  'run.blocked': record<EventFacts['run.blocked']>({ error }),
  'run.cancelled': record<EventFacts['run.cancelled']>({ by: text }),
}

const envelope = record<JournalEvent>({
  seq: count,
  kind: oneOf(eventKinds),
  run: nullable(id),
  attempt: nullable(count),
  at: count,
  facts: anyObject,
  contents: mapOf(digest),
})

/** An event of a journal, its facts by its kind. */
export const eventShape: Check = (value, at) => {
  const problem = envelope(value, at)
  if (problem !== undefined) return problem
  const { kind, facts } = value as JournalEvent // its kind is one of them, just checked
  return factShapes[kind](facts, `${at}.facts`)
}
