import { availableOf } from '../../domain/budget.ts'
import type { ProofName } from '../../domain/policy.ts'
import type { Statement } from '../../domain/statement.ts'
import { detailsOf, purgedDetails } from '../../domain/task-details.ts'
import { unreachable } from '../../domain/unreachable.ts'
import { canonicalText } from '../../proof/canonical-json.ts'
import type { AuditPackage, PackagedEnvelope, SealPayload } from '../../proof/package/audit-package.ts'
import { textsOf } from '../../proof/package/packaged-content.ts'
import {
  type DecidedAction,
  eachDecision,
  type RunRecord,
  readTaskRecord,
  type TaskRecord,
} from '../../proof/package/task-record.ts'
import { openStatement } from '../../proof/signed-statement.ts'
import type {
  AuditReport,
  ComplianceSummary,
  DecisionEntry,
  Moment,
  ProofEntry,
  SealEntry,
  Tone,
} from './audit-report.ts'
import { describeEvent, dollars, instant, wholeNumber } from './event-labels.ts'

/** Makes the report of an audit package, for a person. It says nothing that is not in the package. */
export function makeReport(exported: AuditPackage): AuditReport {
  const record = readTaskRecord(exported.task, exported.events)
  const ledger = record.ledgers.at(-1)
  if (ledger === undefined) throw new Error('An audit package holds at least one event.')
  return {
    title: titleOf(exported, record),
    task: exported.task,
    exportedAt: exported.exported_at,
    compliance: complianceOf(exported),
    facts: factsOf(exported, record),
    timeline: timelineOf(record),
    decisions: record.actions.flatMap(eachDecision).map(decisionOf),
    budget: {
      ledger,
      available: availableOf(ledger),
      overdrawn: exported.events.flatMap((event) => (event.kind === 'budget.overdrawn' ? [describeEvent(event)] : [])),
    },
    proofs: proofsOf(exported),
    journal: exported.events.map((event) => ({
      seq: event.seq,
      at: event.at,
      kind: event.kind,
      label: describeEvent(event),
    })),
    seals: sealsOf(exported),
  }
}

/** Returns the task's title. Where that is only the beginning of the message, it returns the message. */
function titleOf(exported: AuditPackage, { submitted, events }: TaskRecord): string {
  const textOf = textsOf(exported)
  const digest = submitted.contents['details']
  const found = textOf(digest)
  if (!('text' in found) || digest === undefined) return purgedDetails.title
  const content = { digest, salt: '', mediaType: 'application/json', sealed: false, body: found.text }
  const { title } = detailsOf(content)
  const message = events.find(({ kind }) => kind === 'message.added')?.contents['message']
  const asked = textOf(message)
  return 'text' in asked && asked.text.startsWith(title) ? asked.text : title
}

function titleOfPolicy({ policies, attestation }: AuditPackage): string {
  return policies.find(({ digest }) => digest === attestation.policy)?.document.title ?? attestation.regime
}

function complianceOf(exported: AuditPackage): ComplianceSummary {
  const { proofs_required, proofs_missing, runs, compliant } = exported.attestation
  const policy = titleOfPolicy(exported)
  const required = proofs_required.length
  const open = runs.filter(({ outcome }) => outcome === null)
  const missing = [
    ...proofs_missing.map(({ name, because }) => `${name}: ${because}`),
    ...open.map(({ run }) => `The run ${run} has not ended.`),
  ]
  if (!compliant) {
    const are = proofs_missing.length === 1 ? 'is' : 'are'
    const of = `${proofs_missing.length} of the ${required} proofs that the policy ${policy} requires ${are} missing.`
    const sentence = proofs_missing.length === 0 ? 'The record is not complete.' : of
    return { compliant, label: 'Not compliant', sentence, missing }
  }
  const all = required === 1 ? 'The proof' : `All ${required} proofs`
  const follow = required === 1 ? 'follows' : 'follow'
  const sentence =
    required === 0
      ? `The policy ${policy} requires no proofs: this says that the record is complete, and no more.`
      : `${all} that the policy ${policy} requires ${follow} from the record, and every run is closed.`
  return { compliant, label: 'Compliant', sentence, missing }
}

function factsOf(exported: AuditPackage, record: TaskRecord): AuditReport['facts'] {
  const { attestation } = exported
  const { facts, at } = record.submitted
  const last = record.runs.at(-1)
  const end = record.events.at(-1)
  const ledger = record.ledgers.at(-1)
  const sum = (of: 'allowed' | 'denied' | 'revoked') => attestation.runs.reduce((all, run) => all + run[of], 0)
  const revoked = sum('revoked') === 0 ? '' : `, ${sum('revoked')} revoked`
  const cost = ledger === undefined ? '' : `${dollars(ledger.spent.micros_usd)} of ${dollars(ledger.cap.micros_usd)}`
  return [
    ['Owner', facts.owner],
    ['Team', facts.team ?? 'none'],
    ['Agent', facts.agent],
    ['Submitted', `${instant(at)} (${facts.dialect})`],
    ['Ended', end === undefined ? '' : instant(end.at)],
    ['Outcome', record.runs.map(outcomeOfRun).join('; ')],
    ['Policy', `${titleOfPolicy(exported)} (${attestation.regime})`],
    ['Role', last?.config.principal.role ?? ''],
    ['Model', last === undefined ? '' : `${last.config.model.provider}/${last.config.model.model}`],
    ['Tool calls', `${sum('allowed')} allowed, ${sum('denied')} denied${revoked}`],
    ['Certificates', wholeNumber(attestation.certificate_count)],
    ['Cost', cost],
    ['May do', last?.config.capabilities.join(', ') || 'nothing'],
    ['Contents kept', `${wholeNumber(attestation.retention_days)} days after the end`],
  ]
}

function outcomeOfRun({ turn, end }: RunRecord, _at: number, runs: readonly RunRecord[]): string {
  const outcome = end?.outcome ?? 'not ended'
  return runs.length === 1 ? outcome : `run ${turn} ${outcome}`
}

const ends: Readonly<Record<string, Tone>> = {
  'run.succeeded': 'good',
  'run.failed': 'bad',
  'run.blocked': 'bad',
  'run.cancelled': 'plain',
}

/** Lists the beginning, each decision with its outcome, the failures, and the end. */
function timelineOf({ events, actions }: TaskRecord): Moment[] {
  const decided = new Map(actions.flatMap(eachDecision).map((action) => [action.decision.event.seq, action]))
  return events.flatMap((event): Moment[] => {
    const { at, kind } = event
    const action = kind === 'action.decided' ? decided.get(event.seq) : undefined
    if (action !== undefined) return [momentOf(decisionOf(action))]
    const tone = ends[kind]
    if (tone !== undefined) return [{ at, tone, label: kind.replace('run.', 'Run '), detail: describeEvent(event) }]
    switch (event.kind) {
      case 'task.submitted':
        return [{ at, tone: 'plain', label: 'Submitted', detail: `by ${event.facts.owner}` }]
      case 'run.claimed':
        return [{ at, tone: 'plain', label: 'Run started', detail: describeEvent(event) }]
      case 'attempt.lost':
      case 'budget.overdrawn':
      case 'model.failed':
      case 'model.interrupted':
      case 'action.revoked':
      case 'prompt.rejected':
      case 'prompt.expired':
      case 'task.purged':
        return [{ at, tone: 'bad', label: kind.replaceAll(/[._]/gu, ' '), detail: describeEvent(event) }]
      case 'prompt.opened':
      case 'prompt.answered':
        return [{ at, tone: 'plain', label: kind.replaceAll(/[._]/gu, ' '), detail: describeEvent(event) }]
      case 'message.added':
      case 'prompt.withdrawn':
      case 'task.hold_placed':
      case 'task.hold_lifted':
      case 'step.started':
      case 'model.responded':
      case 'action.requested':
      case 'action.decided':
      case 'action.settled':
      case 'budget.transferred':
      case 'budget.returned':
      case 'budget.granted':
      case 'budget.released':
      case 'run.queued':
      case 'run.stop_requested':
      case 'run.stop_withdrawn':
      case 'run.waiting':
      case 'run.paused':
      case 'run.resumed':
      case 'run.succeeded':
      case 'run.failed':
      case 'run.blocked':
      case 'run.cancelled':
        return []
      default:
        return unreachable(event)
    }
  })
}

function momentOf({ at, tone, label, tool, reason, outcome }: DecisionEntry): Moment {
  return { at, tone, label: `${label} ${tool}`, detail: tone === 'bad' ? reason : outcome }
}

const answerLabels = { allow: 'Allowed', deny: 'Denied', ask: 'Asked about' } as const

function decisionOf({ requested, decision, revoked, settled }: DecidedAction): DecisionEntry {
  const { seq, at, facts } = decision.event
  const { tool } = requested.facts
  const { answer, reason, rules, statement } = facts
  if (answer === 'ask') {
    const outcome = 'a person was asked'
    return { seq, at, tool, tone: 'plain', label: answerLabels.ask, reason, rules, outcome, statement }
  }
  const revocation = revoked === undefined ? '' : `certificate revoked by ${revoked.facts.by}; `
  const ended = settled === undefined ? 'not settled' : describeEvent(settled)
  const outcome = settled?.facts.outcome === 'denied' ? 'never begun' : ended
  return {
    seq,
    at,
    tool,
    tone: answer === 'allow' && revoked === undefined ? 'good' : 'bad',
    label: answerLabels[answer],
    reason,
    rules,
    outcome: `${revocation}${outcome}`,
    statement,
  }
}

function proofsOf({ attestation }: AuditPackage): ProofEntry[] {
  const reasons = new Map(attestation.proofs_missing.map(({ name, because }) => [name, because]))
  return attestation.proofs_required.map((name) => ({ name, means: proofLabels[name], because: reasons.get(name) }))
}

function sealsOf({ seal, keys, heads, statements, contents, absent }: AuditPackage): SealEntry {
  const { digest, key_id } = payloadOf(seal) as SealPayload
  const opened = statements.flatMap(({ envelope }): Statement[] => {
    const found = openStatement(canonicalText(envelope))
    return 'problem' in found ? [] : [found.statement]
  })
  const kinds = new Map<string, number>()
  for (const { kind } of opened) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  return {
    packageDigest: digest,
    sealedBy: key_id,
    keys,
    heads: heads.map((head) => {
      const { log_id, size, root, at } = payloadOf(head) as { log_id: string; size: number; root: string; at: number }
      return { log: log_id, size, root, at }
    }),
    statements: [...kinds],
    closings: opened.flatMap((statement) => {
      if (statement.kind !== 'closing') return []
      const { run, first_seq, last_seq, events_root } = statement
      return [{ run, seqs: `${first_seq} to ${last_seq}`, root: events_root }]
    }),
    contents: {
      held: contents.length,
      purged: absent.filter(({ reason }) => reason === 'purged').length,
      private: absent.filter(({ reason }) => reason === 'private').length,
    },
  }
}

/** Reads the payload of an envelope that this server has signed. */
function payloadOf({ payload }: PackagedEnvelope): unknown {
  return JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
}

const authorized = 'Only its owner or an administrator had it run, and nothing was done beyond what was granted.'

/** The meaning of each proof for a person. src/proof/package/proofs.ts says exactly what each checks. */
const proofLabels: Readonly<Record<ProofName, string>> = {
  no_phi_external_flow:
    'Nothing that had read health data could pass anything on, and no personal data was handed out.',
  minimum_necessary_access: 'No run was granted everything, and each call was covered by what its run was granted.',
  authorized_user_only: authorized,
  no_mnpi_leak: 'Nothing that had read material non-public information could pass anything on.',
  segregation_of_duties: 'Nothing was done that needs the approval of another person and had none.',
  authorized_access_only: authorized,
  no_privilege_waiver: 'Nothing that had read privileged matter could pass anything on.',
  client_authorized: authorized,
}
