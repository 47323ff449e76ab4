import type { Amounts } from '../../../domain/budget.ts'
import type { Digest } from '../../../domain/content.ts'
import { type EventOf, type EventSubject, isAbout, type JournalEvent } from '../../../domain/event.ts'
import { detailsOf } from '../../../domain/task-details.ts'
import { unreachable } from '../../../domain/unreachable.ts'
import { itemsOf } from '../../../engine/queries/read-open-prompts.ts'
import type { LoggedStatement, Store } from '../../../store/store.ts'
import { blockedToolStatus, type Frame, frameStatuses } from './contract/frame.ts'
import { presentCertificate, uuidOf } from './present-certificate.ts'
import {
  argumentsOf,
  type Contents,
  certificateIdOf,
  createPolicyReader,
  foundIn,
  outcomeOf,
  type PolicyReader,
  textOf,
} from './tool-calls.ts'
import { centsOf, epochSecondsOf, executionIdOf, wholeCentsOf } from './values.ts'
import { revokedVerdict, verdictOf } from './verdicts.ts'

/** The contents and policies from which a page of frames is written. */
interface Opened {
  readonly contents: Contents
  readonly statements: ReadonlyMap<Digest, LoggedStatement>
  readonly policies: PolicyReader
  readonly promptUrlOf: (promptId: string) => string
}

/**
 * Writes the frames of one task. It is called with all its events in order from the first on, because it adds up the
 * costs so far.
 */
export function createFrameWriter(
  store: Store,
  taskId: string,
  promptUrlOf: (promptId: string) => string,
): (events: readonly JournalEvent[]) => Promise<Frame[]> {
  const policies = createPolicyReader(store)
  let step = 0
  let spentMicrosUsd = 0
  let certificates = 0
  const writeFrame = (event: JournalEvent, opened: Opened): Frame => {
    if (event.kind === 'run.queued') step = 0
    if ('step' in event.facts) step = event.facts.step
    if ('cost_micros_usd' in event.facts) spentMicrosUsd += event.facts.cost_micros_usd ?? 0
    if (event.kind === 'action.decided' && certificateIdOf(event) !== null) certificates += 1
    const denied = event.kind === 'action.settled' && event.facts.outcome === 'denied'
    const status = denied ? blockedToolStatus : frameStatuses[event.kind]
    const counted = { step, cost_cents: centsOf(spentMicrosUsd), certificate_count: certificates }
    return {
      execution_id: executionIdOf(taskId),
      status,
      data: {
        type: event.kind,
        seq: event.seq,
        status,
        ...counted,
        error: errorOf(event),
        ...detailOf(event, opened),
      },
      timestamp: epochSecondsOf(event.at),
    }
  }
  return async (events) => {
    const contents = await store.readContents(contentsOfFrames(events))
    const statements = await readDecisionStatements(store, events)
    const frames: Frame[] = []
    for (const event of events) {
      if (event.kind === 'run.queued') await policies.open(event)
      frames.push(writeFrame(event, { contents, statements, policies, promptUrlOf }))
    }
    return frames
  }
}

/**
 * Lists the contents that these frames show. The verbatim output of the provider and the input of the guard are not
 * among them.
 */
function contentsOfFrames(events: readonly JournalEvent[]): Digest[] {
  return events.flatMap(({ contents: { provider: _verbatim, inputs: _inputs, ...shown } }) => Object.values(shown))
}

async function readDecisionStatements(store: Store, events: readonly JournalEvent[]) {
  const digests = events.flatMap((event) =>
    event.kind === 'action.decided' && certificateIdOf(event) !== null ? [event.facts.statement] : [],
  )
  const found = await Promise.all(digests.map((digest) => store.readStatement(digest)))
  return new Map(found.flatMap((statement) => (statement === undefined ? [] : [[statement.digest, statement]])))
}

function errorOf(event: JournalEvent): string | null {
  if (event.kind === 'model.failed') return event.facts.message
  if (event.kind === 'budget.overdrawn') return 'More was used than had been reserved: the run ends.'
  return event.kind === 'run.failed' || event.kind === 'run.blocked' ? event.facts.error.message : null
}

/** Converts the facts of an event to the fields of its frame. */
function detailOf(event: JournalEvent, opened: Opened): Record<string, unknown> {
  if (isAbout(event, 'action')) return actionDetail(event, opened)
  if (isAbout(event, 'budget')) return budgetDetail(event)
  if (isAbout(event, 'prompt')) return promptDetail(event, opened)
  const text = (role: string) => textOf(opened.contents, event.contents[role])
  switch (event.kind) {
    case 'task.submitted': {
      const { title } = detailsOf(opened.contents.get(event.contents['details'] ?? ''))
      return { task: title, budget_cents: wholeCentsOf(event.facts.budget.micros_usd) }
    }
    case 'message.added':
      return { task: text('message') }
    case 'run.queued': {
      const { model, capabilities, policy } = event.facts.config
      const llm = { llm_provider: model.provider, llm_model: model.model }
      return { ...llm, permissions: capabilities, compliance_policy: policy.name }
    }
    case 'model.responded': {
      const { usage, finish } = event.facts
      const tokens = { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens }
      return { text: text('text'), reasoning: text('reasoning'), finish, ...tokens }
    }
    case 'model.failed':
      return { error_code: event.facts.code, will_retry: event.facts.will_retry }
    case 'model.interrupted':
      return { text: text('text'), reasoning: text('reasoning'), interrupted: event.facts.reason }
    case 'run.succeeded':
    case 'run.blocked':
      return { output: text('result') }
    case 'run.failed':
      return { error_code: event.facts.error.code }
    case 'task.purged':
      return { reason: event.facts.reason, contents: event.facts.contents }
    case 'task.hold_placed':
      return { reason: event.facts.reason }
    case 'task.hold_lifted':
    case 'attempt.lost':
    case 'step.started':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
    case 'run.cancelled':
      return {}
    default:
      return unreachable(event)
  }
}

type EventsAbout<S extends EventSubject> = Extract<JournalEvent, { kind: `${S}.${string}` }>

function promptDetail(event: EventsAbout<'prompt'>, { contents, promptUrlOf }: Opened): Record<string, unknown> {
  const { prompt: prompt_id } = event.facts
  switch (event.kind) {
    case 'prompt.opened': {
      const { prompt_kind, action, tool, expires_at } = event.facts
      const questions = itemsOf(prompt_kind, contents.get(event.contents['payload'] ?? ''))
      const expires = expires_at === null ? null : epochSecondsOf(expires_at)
      const prompt_url = promptUrlOf(prompt_id)
      return { prompt_id, prompt_kind, tool_call_id: action, tool, questions, expires_at: expires, prompt_url }
    }
    case 'prompt.answered':
    case 'prompt.expired':
      return { prompt_id, outcome: event.facts.outcome }
    case 'prompt.rejected':
      return { prompt_id, error_code: event.facts.code }
    case 'prompt.withdrawn':
      return { prompt_id, reason: event.facts.reason }
    default:
      return unreachable(event)
  }
}

function actionDetail(event: EventsAbout<'action'>, opened: Opened): Record<string, unknown> {
  const { contents, policies } = opened
  switch (event.kind) {
    case 'action.requested': {
      const { action, tool } = event.facts
      return { tool_call_id: action, tool, arguments: argumentsOf(contents, event.contents['arguments']) }
    }
    case 'action.decided':
      return decisionDetail(event, opened)
    case 'action.revoked': {
      const { action, certificate } = event.facts
      return { tool_call_id: action, certificate_id: uuidOf(certificate), ...revokedVerdict }
    }
    case 'action.settled': {
      const { action, outcome, duration_ms } = event.facts
      const result = textOf(contents, event.contents['result'])
      const violations = foundIn(event, contents, policies.current)
      return { tool_call_id: action, outcome: outcomeOf(outcome), result, duration_ms, violations }
    }
    default:
      return unreachable(event)
  }
}

function decisionDetail(event: EventOf<'action.decided'>, { contents, statements }: Opened): Record<string, unknown> {
  const statement = statements.get(event.facts.statement)
  const digest = event.contents['arguments']
  return {
    tool_call_id: event.facts.action,
    ...verdictOf(event.facts),
    certificate_id: certificateIdOf(event),
    certificate: statement === undefined ? null : presentCertificate(statement, false),
    ...(digest !== undefined && { arguments: argumentsOf(contents, digest) }),
  }
}

const amountOf = ({ micros_usd }: Pick<Amounts, 'micros_usd'>) => centsOf(micros_usd)

/** Converts the facts of a budget event. The ids are those of executions; amounts are whole cents, rounded up. */
function budgetDetail(event: EventsAbout<'budget'>): Record<string, unknown> {
  switch (event.kind) {
    case 'budget.overdrawn':
      return { reserved_cents: amountOf(event.facts.reserved), used_cents: amountOf(event.facts.used) }
    case 'budget.transferred':
    case 'budget.released':
      return { to: executionIdOf(event.facts.to), amount_cents: amountOf(event.facts.amounts) }
    case 'budget.returned':
    case 'budget.granted':
      return { from: executionIdOf(event.facts.from), amount_cents: amountOf(event.facts.amounts) }
    default:
      return unreachable(event)
  }
}

const pageSize = 200

/** Reads the events of a task up to and with `lastSeq`, page by page. Later events are left out. */
export async function* readEvents(
  store: Store,
  taskId: string,
  lastSeq: number,
): AsyncGenerator<JournalEvent[], void, void> {
  for (let after = 0; after < lastSeq; ) {
    const events = await store.readEvents(taskId, after, Math.min(pageSize, lastSeq - after))
    const last = events.at(-1)
    if (last === undefined) return
    yield events
    after = last.seq
  }
}
