import type { Content } from '../domain/content.ts'
import type { ActionOutcome, EventOf, NewEvent } from '../domain/event.ts'
import type { JsonValue } from '../domain/json.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { ToolCall } from '../model/model.ts'
import { checkInput } from '../tool/check-input.ts'
import { type Attempt, nothingPending, type Pending, type RunSteps } from './attempt.ts'
import { addResult, noteDecision, noteSettlement, type OpenAction } from './conversation.ts'
import { type Guarded, guardAction } from './guard-action.ts'
import { inspectResult } from './inspect-result.ts'
import { expiryOf, stateSettlement } from './issue-statement.ts'
import { performAction } from './perform-action.ts'
import { syncJournal } from './sync-journal.ts'

/** The intents of a response: one event per tool call, with its arguments beside it. */
export function requestActions(attempt: Attempt, step: number, calls: readonly ToolCall[]) {
  const events: NewEvent[] = []
  const contents: Content[] = []
  const actions: OpenAction[] = []
  for (const { id: call, tool, input: wanted } of calls) {
    const action = attempt.rooms.randomness.newId()
    const text = JSON.stringify(wanted)
    const content = attempt.journal.text(text, 'application/json')
    // As it stands in the record and as it will be read again: JSON has no -0 and no Infinity.
    const input: JsonValue = JSON.parse(text)
    contents.push(content)
    const facts = { step, action, tool, call }
    events.push(attempt.journal.event('action.requested', facts, { arguments: content.digest }))
    const { digest, salt } = content
    actions.push({ action, tool, call, input, arguments: digest, salt, repeats: null, allowed: null })
  }
  return { events, contents, actions }
}

/**
 * Carries out what is open, in the order the model asked for it. `pending` is committed together with the first decision:
 * intent, decision and statement are on disk before a tool runs, the result before the model sees it. Answers with what is
 * still to be committed: the last settlements.
 */
export async function* carryOutActions(attempt: Attempt, step: number, given: Pending): RunSteps<Pending> {
  const { rooms, conversation, control } = attempt
  let pending = given
  for (let taken = 1; ; taken += 1) {
    const [open] = conversation.open
    if (open === undefined) return pending
    if (taken > rooms.limits.tool_calls_per_step_max) {
      const limit = rooms.limits.tool_calls_per_step_max
      settleUnasked(
        attempt,
        step,
        open,
        pending,
        `Only ${limit} calls are carried out per step (tool_calls_per_step_max).`,
      )
      continue
    }
    const guarded = yield* decide(attempt, step, open, pending)
    if (guarded === undefined) continue
    pending = nothingPending()
    if (guarded.answer === 'allow') await carryOut(attempt, step, open, guarded, pending)
    if (control.stopAt !== 'never' && conversation.open.length > 0) {
      yield { ...pending, boundary: true }
      pending = nothingPending()
    }
  }
}

/**
 * Commits the guard's answer to one action after what is pending; undefined where the guard was not asked. An answer that was
 * made from a journal which others have since added to is made again.
 */
async function* decide(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  pending: Pending,
): RunSteps<Guarded | undefined> {
  for (;;) {
    const guarded = await guardAction(attempt, step, open, pending.events)
    if (guarded.kind === 'unfit') {
      settleUnasked(attempt, step, open, pending, guarded.refusal)
      return undefined
    }
    const events = [...pending.events, guarded.decided]
    const contents = [...pending.contents, ...guarded.contents]
    const denied = guarded.answer === 'allow' ? undefined : attempt.journal.text(guarded.refusal)
    if (denied !== undefined) {
      contents.push(denied)
      events.push(settlementEvent(attempt, step, open, { outcome: 'denied', result: denied }))
    }
    const statements = [...pending.statements, guarded.statement]
    if (yield { events, contents, statements, onlyIfUnchanged: true }) {
      noteDecision(attempt.conversation, guarded.decided)
      if (denied !== undefined) close(attempt, open, true, guarded.refusal)
      return guarded
    }
    await syncJournal(attempt)
  }
}

/** The action itself, if nothing has come in its way since it was certified, and its settlement. */
async function carryOut(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  guarded: Guarded,
  pending: Pending,
): Promise<void> {
  const { rooms, journal, control, conversation } = attempt
  const { tool, input } = guarded
  const certificate = guarded.statement.digest
  const reservedMicrosUsd = guarded.decided.facts.reserved_micros_usd
  const expiresAt = expiryOf(guarded.statement.issuedAt, tool)
  const hindrance = hindranceOf(attempt, guarded, expiresAt)
  control.used.add(certificate)
  if (hindrance !== undefined) {
    const result = journal.text(hindrance)
    const settlement = { outcome: 'denied' as const, result, certificate, releasedMicrosUsd: reservedMicrosUsd }
    settle(attempt, step, open, pending, settlement)
    close(attempt, open, true, hindrance)
    return
  }
  const done = await performAction(attempt, step, open.action, tool, input)
  const at = rooms.clock.now()
  const inspected = inspectResult(attempt, tool, input, done.output)
  settle(attempt, step, open, pending, {
    outcome: done.failed ? 'failed' : 'settled',
    certificate,
    result: inspected.result,
    ...(inspected.findings !== undefined && { findings: inspected.findings }),
    labels: inspected.labels.filter((label) => !conversation.labels.has(label)),
    durationMs: done.durationMs,
    costMicrosUsd: reservedMicrosUsd,
    releasedMicrosUsd: reservedMicrosUsd,
    at,
    late: at > expiresAt,
    ...(done.manifest !== undefined && { manifest: done.manifest }),
    truncated: done.truncated,
  })
  close(attempt, open, done.failed, inspected.output)
}

/** Looked at in the last moment: what stands in the way of an action that was certified. */
function hindranceOf(
  { control, rooms }: Attempt,
  { statement, tool, input, redacted }: Guarded,
  expiresAt: number,
): string | undefined {
  if (control.revoked.has(statement.digest)) {
    return 'The permission for this call was taken back before it began. It was not made.'
  }
  if (rooms.clock.now() >= expiresAt) return 'The permission for this call ran out before it began. It was not made.'
  // What stands in for something redacted is a text, and may not be what the tool takes there.
  if (redacted && checkInput(tool.inputSchema, input).length > 0) {
    return 'The policy redacted a part of the arguments, and the tool does not take what is left. The call was not made.'
  }
  return undefined
}

interface SettlementParts {
  /** When it was settled; now where that is not said. */
  readonly at?: number
  readonly outcome: ActionOutcome
  readonly result?: Content
  readonly findings?: Content
  readonly certificate?: string
  readonly labels?: readonly string[]
  readonly durationMs?: number
  readonly costMicrosUsd?: number
  readonly releasedMicrosUsd?: number
  readonly late?: boolean
  readonly manifest?: string
  readonly truncated?: boolean
}

/** Records what came of an action: its event, and the settlement where it had a certificate, of the same instant. */
function settle(attempt: Attempt, step: number, open: OpenAction, pending: Pending, given: SettlementParts): void {
  const parts = { ...given, at: given.at ?? attempt.rooms.clock.now() }
  const statement =
    parts.certificate === undefined ? undefined : stateParts(attempt, step, open, parts.certificate, parts)
  const event = settlementEvent(attempt, step, open, parts, statement)
  pending.events.push(event)
  for (const content of [parts.result, parts.findings]) if (content !== undefined) pending.contents.push(content)
  if (statement !== undefined) pending.statements.push(statement)
  noteSettlement(attempt.conversation, event)
}

function stateParts(attempt: Attempt, step: number, open: OpenAction, certificate: string, parts: SettlementParts) {
  return stateSettlement(attempt, {
    step,
    action: open.action,
    certificate,
    at: parts.at ?? attempt.rooms.clock.now(),
    outcome: parts.outcome,
    result: parts.result?.digest ?? null,
    costMicrosUsd: parts.costMicrosUsd ?? 0,
    durationMs: parts.durationMs ?? 0,
    late: parts.late ?? false,
    labels: parts.labels ?? [],
  })
}

function settlementEvent(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  parts: SettlementParts,
  statement?: SignedStatement,
): EventOfSettlement {
  const { outcome, result, findings, labels, durationMs, costMicrosUsd, releasedMicrosUsd, late, manifest } = parts
  const facts = {
    step,
    action: open.action,
    outcome,
    duration_ms: durationMs ?? 0,
    cost_micros_usd: costMicrosUsd ?? 0,
    released_micros_usd: releasedMicrosUsd ?? 0,
    ...(statement !== undefined && { statement: statement.digest }),
    ...(labels?.length && { labels }),
    ...(manifest !== undefined && { manifest }),
    ...(parts.truncated && { truncated: true }),
    ...(late && { late }),
  }
  const refs = {
    ...(result !== undefined && { result: result.digest }),
    ...(findings !== undefined && { findings: findings.digest }),
  }
  const event = attempt.journal.event('action.settled', facts, refs) as EventOfSettlement
  return parts.at === undefined ? event : { ...event, at: parts.at }
}

type EventOfSettlement = NewEvent & Pick<EventOf<'action.settled'>, 'kind' | 'facts'>

/** An action that the guard was never asked about. */
function settleUnasked(attempt: Attempt, step: number, open: OpenAction, pending: Pending, told: string): void {
  settle(attempt, step, open, pending, { outcome: 'failed', result: attempt.journal.text(told) })
  close(attempt, open, true, told)
}

function close(attempt: Attempt, open: OpenAction, failed: boolean, output: string): void {
  const { conversation } = attempt
  conversation.open = conversation.open.filter(({ action }) => action !== open.action)
  addResult(conversation, open.call, open.tool, failed, output)
}

const unknownOutcome =
  'The server stopped while this call was under way. Its outcome is unknown: it may or may not have happened, and it was not done again.'

/**
 * What a crash left open: an action that was allowed may have begun, and is charged for. One that is safe to repeat is asked
 * for again, under a new id that names the first; the outcome of any other is unknown, and the model is told so.
 */
export function settleInterrupted(attempt: Attempt): Pending {
  const { rooms, journal, conversation } = attempt
  const { step } = conversation
  const pending = nothingPending()
  for (const open of [...conversation.open]) {
    if (open.allowed === null) continue
    const repeatable = rooms.tools.get(open.tool)?.safeToRepeat ?? false
    settleCut(attempt, step, open, pending, repeatable ? undefined : journal.text(unknownOutcome))
    if (repeatable) {
      const again = { ...open, action: rooms.randomness.newId(), allowed: null, repeats: open.action }
      const facts = { step, action: again.action, tool: open.tool, call: open.call, repeats: open.action }
      pending.events.push(journal.event('action.requested', facts, { arguments: open.arguments }))
      conversation.open = conversation.open.map((other) => (other.action === open.action ? again : other))
    } else {
      close(attempt, open, true, unknownOutcome)
    }
  }
  return pending
}

/** The run ends now: whether what is open happened is unknown. */
export function settleOpen(attempt: Attempt): Pending {
  const { conversation } = attempt
  const pending = nothingPending()
  for (const open of conversation.open) settleCut(attempt, conversation.step, open, pending)
  return pending
}

/** An action that was cut: whether it happened is unknown, and what was reserved for it is spent. */
function settleCut(attempt: Attempt, step: number, open: OpenAction, pending: Pending, result?: Content): void {
  settle(attempt, step, open, pending, {
    outcome: 'unknown',
    ...(result !== undefined && { result }),
    ...(open.allowed !== null && {
      certificate: open.allowed.certificate,
      costMicrosUsd: open.allowed.reservedMicrosUsd,
      releasedMicrosUsd: open.allowed.reservedMicrosUsd,
    }),
  })
}
