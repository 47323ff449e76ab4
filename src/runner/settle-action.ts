import type { Content, Digest } from '../domain/content.ts'
import type { ActionOutcome, EventFacts, NewEvent } from '../domain/event.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { Attempt, Pending } from './attempt.ts'
import { closeAction, type OpenAction, recordSettlement } from './conversation.ts'
import { issueSettlement } from './issue-statements.ts'

/** What came of an action. */
export interface ActionSettlement {
  readonly outcome: ActionOutcome
  /** Now, where it is not given. */
  readonly at?: number | undefined
  readonly result?: Content | undefined
  readonly findings?: Content | undefined
  /** Of an action that the guard allowed. */
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
 * Records what came of an action: its event, the signed settlement where it had a certificate, of the same instant, and both in
 * the conversation. All of it is pending.
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

/** Settles an action that the guard was never asked about: the model is told why. */
export function refuseAction(attempt: Attempt, step: number, open: OpenAction, pending: Pending, reason: string): void {
  settleAction(attempt, step, open, pending, { outcome: 'failed', result: attempt.journal.text(reason) })
  closeAction(attempt.conversation, open, true, reason)
}

/** Settles an action that was interrupted: whether it happened is unknown, and what was reserved for it is spent. */
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

/** The event alone, for an action whose decision and settlement are one commit. */
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
