import type { Content, Digest } from '../domain/content.ts'
import type { ActionOutcome, EventFacts, NewEvent } from '../domain/event.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { Attempt, Pending } from './attempt.ts'
import { closeAction, type OpenAction, recordSettlement } from './conversation.ts'
import { issueSettlement } from './issue-statements.ts'

/** The outcome of an action, with its result and costs. */
export interface ActionSettlement {
  readonly outcome: ActionOutcome
  /** The instant of the settlement; the present where it is left out. */
  readonly at?: number | undefined
  readonly result?: Content | undefined
  readonly findings?: Content | undefined
  /** The certificate of an action that the guard allowed. Only such an action gets a signed settlement. */
  readonly certificate?: Digest | undefined
  readonly labels?: readonly string[] | undefined
  readonly durationMs?: number | undefined
  readonly costMicrosUsd?: number | undefined
  readonly releasedMicrosUsd?: number | undefined
  readonly late?: boolean | undefined
  readonly manifest?: Digest | undefined
  readonly truncated?: boolean | undefined
}

/**
 * Records the outcome of an action: its event, the signed settlement of the same instant where it had a certificate, and both
 * in the conversation. All of it is pending until the caller commits it.
 */
export function settleAction(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  pending: Pending,
  settlement: ActionSettlement,
): void {
  const at = settlement.at ?? attempt.deps.clock.now()
  const statement = signSettlement(attempt, step, open, { ...settlement, at })
  const event = settledEvent(attempt, step, open, { ...settlement, at }, statement)
  pending.events.push(event)
  for (const content of [settlement.result, settlement.findings])
    if (content !== undefined) pending.contents.push(content)
  if (statement !== undefined) pending.statements.push(statement)
  recordSettlement(attempt.conversation, event)
}

/** Settles an action that the guard was never asked about. The model reads the reason as its result. */
export function refuseAction(attempt: Attempt, step: number, open: OpenAction, pending: Pending, reason: string): void {
  settleAction(attempt, step, open, pending, { outcome: 'failed', result: attempt.journal.text(reason) })
  closeAction(attempt.conversation, open, true, reason)
}

/** Settles an action that was interrupted. Whether it happened is unknown, so what was reserved for it counts as spent. */
export function settleInterrupted(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  pending: Pending,
  result?: Content,
): void {
  const reserved = open.allowed?.reservedMicrosUsd
  settleAction(attempt, step, open, pending, {
    outcome: 'unknown',
    result,
    certificate: open.allowed?.certificate,
    costMicrosUsd: reserved,
    releasedMicrosUsd: reserved,
  })
}

type SettledEvent = Extract<NewEvent, { kind: 'action.settled' }>

/** Makes the event of a settlement alone, for an action whose decision and settlement are one commit. */
export function settledEvent(
  attempt: Attempt,
  step: number,
  { action }: OpenAction,
  settlement: ActionSettlement,
  statement?: SignedStatement,
): SettledEvent {
  const { labels, result, findings, at } = settlement
  const facts: EventFacts['action.settled'] = {
    step,
    action,
    outcome: settlement.outcome,
    duration_ms: settlement.durationMs ?? 0,
    cost_micros_usd: settlement.costMicrosUsd ?? 0,
    released_micros_usd: settlement.releasedMicrosUsd ?? 0,
    statement: statement?.digest,
    labels: labels?.length ? labels : undefined,
    manifest: settlement.manifest,
    truncated: settlement.truncated || undefined,
    late: settlement.late || undefined,
  }
  const contents: Record<string, Digest> = {}
  if (result !== undefined) contents['result'] = result.digest
  if (findings !== undefined) contents['findings'] = findings.digest
  const event = attempt.journal.event('action.settled', facts, contents)
  return { ...event, at: at ?? event.at } as SettledEvent
}

function signSettlement(
  attempt: Attempt,
  step: number,
  { action }: OpenAction,
  settlement: ActionSettlement & { readonly at: number },
): SignedStatement | undefined {
  const { certificate, at, outcome, result } = settlement
  if (certificate === undefined) return undefined
  return issueSettlement(attempt, {
    step,
    action,
    certificate,
    at,
    outcome,
    result: result?.digest ?? null,
    costMicrosUsd: settlement.costMicrosUsd ?? 0,
    durationMs: settlement.durationMs ?? 0,
    late: settlement.late ?? false,
    labels: settlement.labels ?? [],
  })
}
