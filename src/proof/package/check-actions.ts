import type { Digest } from '../../domain/content.ts'
import type { ApprovalRequest, Certificate, RefusalRecord, Settlement, StatementKind } from '../../domain/statement.ts'
import { demand, demandEqual, present } from './broken-link.ts'
import { type PlacedOf, type PlacedStatement, statementsOf } from './open-statements.ts'
import { type ActionRecord, type Decided, eachDecision, placeOf, type TaskRecord } from './task-record.ts'

type ByDigest = ReadonlyMap<Digest, PlacedStatement>

/**
 * Checks that journal and statements agree about the actions: each decision with its certificate or refusal record,
 * each settlement, each revocation. No statement may be left that no event refers to.
 */
export function checkActions(placed: readonly PlacedStatement[], record: TaskRecord): void {
  const byDigest = new Map(placed.map((one) => [one.digest, one]))
  const spokenOf = new Set<PlacedStatement>()
  for (const action of record.actions) {
    for (const decided of eachDecision(action)) {
      spokenOf.add(checkDecision(byDigest, record, decided, decided.decision))
    }
    const settlement = checkSettlement(byDigest, action)
    if (settlement !== undefined) spokenOf.add(settlement)
    const revocation = checkRevocation(placed, action)
    if (revocation !== undefined) spokenOf.add(revocation)
  }
  for (const one of statementsOf(placed, 'certificate', 'refusal', 'ask', 'settlement', 'revocation')) {
    demand(spokenOf.has(one), one.where, `no event speaks of it (action ${one.statement.action})`)
  }
}

function named<K extends StatementKind>(byDigest: ByDigest, where: string, digest: Digest, kind: K): PlacedOf<K> {
  const found = present(byDigest.get(digest), where, `the ${kind} ${digest} that it names is not in the package`)
  const [right] = statementsOf([found], kind)
  return present(right, where, `the statement that it names is a ${found.statement.kind}, it should be a ${kind}`)
}

function checkDecision(
  byDigest: ByDigest,
  record: TaskRecord,
  action: ActionRecord,
  { event }: Decided,
): PlacedStatement {
  const kind = ({ allow: 'certificate', deny: 'refusal', ask: 'ask' } as const)[event.facts.answer]
  const found = named(byDigest, placeOf(event), event.facts.statement, kind)
  const { where, statement } = found
  checkPlace(where, statement, action, event.attempt)
  const { requested, run } = action
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['the time it was issued', statement.issued_at, event.at],
    ['the tool', statement.tool, requested.facts.tool],
    ['the digest of the arguments', statement.arguments, givenArguments(action)],
    ['the digest of the inputs', statement.inputs, event.contents['inputs']],
    ['the rules', statement.rules, event.facts.rules],
    ['the principal', statement.principal, run.config.principal],
    ['the capabilities', statement.capabilities, run.config.capabilities],
    ['the policy', statement.policy, run.config.policy],
    ['the parent', statement.parent, record.submitted.facts.parent],
  ]
  for (const [what, stated, journaled] of fields) demandEqual(where, what, stated, journaled, 'the journal')
  if (statement.kind === 'certificate') checkCertificate(where, statement, action, event.facts.reserved_micros_usd)
  else checkRefusal(where, statement, event.facts)
  return found
}

/** The digest of the content with the arguments that the tool was given, or that were refused. */
export function givenArguments({ requested, decision }: ActionRecord): Digest | undefined {
  return decision?.event.contents['arguments'] ?? requested.contents['arguments']
}

function checkCertificate(
  where: string,
  statement: Certificate,
  action: ActionRecord,
  reservedMicrosUsd: number,
): void {
  const reserved = { micros_usd: reservedMicrosUsd, tokens: 0, steps: 0 }
  demandEqual(where, 'what is reserved', statement.reserved, reserved, 'the journal')
  demandEqual(where, 'the action it repeats', statement.repeats, action.requested.facts.repeats ?? null, 'the journal')
  demand(statement.expires_at > statement.issued_at, where, 'it expires before it was issued')
}

function checkRefusal(
  where: string,
  statement: RefusalRecord | ApprovalRequest,
  facts: Decided['event']['facts'],
): void {
  demandEqual(where, 'the reason', statement.reason, facts.reason, 'the journal')
  demand(facts.reserved_micros_usd === 0, where, 'something was reserved for what was refused')
}

function checkPlace(
  where: string,
  statement: Certificate | RefusalRecord | ApprovalRequest | Settlement,
  { requested, run }: ActionRecord,
  attempt: number | null,
): void {
  const { action, step } = requested.facts
  const place = { action, attempt, run: run.run, step }
  const stated = { action: statement.action, attempt: statement.attempt, run: statement.run, step: statement.step }
  demandEqual(where, 'the action it is about', stated, place, 'the journal')
}

function checkSettlement(byDigest: ByDigest, action: ActionRecord): PlacedStatement | undefined {
  const { requested, decision, revoked } = action
  // Every run in a package has ended, which settles every open action.
  const settled = present(action.settled, placeOf(requested), 'nothing says what came of the action')
  const at = placeOf(settled)
  const { outcome, statement: digest } = settled.facts
  const allowed = decision?.event.facts.answer === 'allow'
  if (decision !== undefined && !allowed) {
    // Where the run ended before somebody answered, nothing else can be said.
    const denied = decision.event.facts.answer === 'deny' ? 'denied' : 'unknown'
    demandEqual(at, 'the outcome', outcome, denied, 'the decision about the action')
  }
  // Where the run was interrupted between the revocation and the settlement, nobody could record that the call was not
  // made.
  if (revoked !== undefined && outcome !== 'unknown') {
    demandEqual(at, 'the outcome', outcome, 'denied', 'the revocation of its certificate')
  }
  if (decision === undefined) {
    demand(outcome === 'failed' || outcome === 'unknown', at, `it is ${outcome} though nothing was decided about it`)
  }
  if (digest === undefined) {
    const may = !allowed || outcome === 'unknown'
    demand(may, at, `the action was certified and is ${outcome}, and there is no settlement of it`)
    return undefined
  }
  demand(allowed, at, 'it names a settlement, and the action was never certified')
  const found = named(byDigest, at, digest, 'settlement')
  const certificate = named(byDigest, at, decision.event.facts.statement, 'certificate')
  compareSettlement(found, certificate, action, settled)
  return found
}

function compareSettlement(
  { where, statement }: PlacedOf<'settlement'>,
  certificate: PlacedOf<'certificate'>,
  action: ActionRecord,
  settled: NonNullable<ActionRecord['settled']>,
): void {
  checkPlace(where, statement, action, settled.attempt)
  const { facts, contents } = settled
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['the certificate', statement.certificate, certificate.digest],
    ['the outcome', statement.outcome, facts.outcome],
    ['the digest of the result', statement.result, contents['result'] ?? null],
    ['the cost', statement.cost, { micros_usd: facts.cost_micros_usd, tokens: 0, steps: 0 }],
    ['the duration', statement.duration_ms, facts.duration_ms],
    ['whether it was late', statement.late, facts.late ?? false],
    ['the labels', statement.labels, facts.labels ?? []],
  ]
  for (const [what, stated, journaled] of fields) demandEqual(where, what, stated, journaled, 'the journal')
  const { expires_at } = certificate.statement
  const after = statement.issued_at > expires_at
  // The instant of the end is known only for an action that ran to its end.
  const ended = facts.outcome === 'settled' || facts.outcome === 'failed'
  demand(statement.late === after || (!ended && !statement.late), where, lateWords(statement, expires_at))
}

function lateWords({ issued_at, late }: Settlement, expiresAt: number): string {
  return `it is ${late ? '' : 'not '}marked late, it was issued at ${issued_at}, its certificate expires at ${expiresAt}`
}

function checkRevocation(placed: readonly PlacedStatement[], action: ActionRecord): PlacedStatement | undefined {
  const { revoked, decision, run } = action
  if (revoked === undefined || decision === undefined) return undefined
  const at = placeOf(revoked)
  const { certificate, by } = revoked.facts
  demandEqual(at, 'the certificate', certificate, decision.event.facts.statement, 'the decision')
  const [found, second] = statementsOf(placed, 'revocation').filter((one) => one.statement.certificate === certificate)
  const { where, statement } = present(found, at, `there is no revocation of the certificate ${certificate}`)
  demand(second === undefined, where, `the certificate ${certificate} is revoked twice`)
  const stated = { action: statement.action, by: statement.by, run: statement.run }
  demandEqual(where, 'what it revokes', stated, { action: revoked.facts.action, by, run: run.run }, 'the journal')
  return found
}
