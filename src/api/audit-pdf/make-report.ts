import { availableOf } from '../../domain/budget.ts'
import type { Statement } from '../../domain/statement.ts'
import { detailsOf, purgedDetails } from '../../domain/task-details.ts'
import { unreachable } from '../../domain/unreachable.ts'
import { canonicalText } from '../../proof/canonical-json.ts'
import type { AuditPackage, PackagedEnvelope, SealPayload } from '../../proof/package/audit-package.ts'
import { textsOf } from '../../proof/package/packaged-content.ts'
import { type ActionRecord, type RunRecord, readTaskRecord, type TaskRecord } from '../../proof/package/task-record.ts'
import { openStatement } from '../../proof/signed-statement.ts'
import type { AuditReport, DecisionEntry, Moment, ProofEntry, SealEntry, Tone, Verdict } from './audit-report.ts'
import { dollars, eventWords, whole } from './event-words.ts'
import { instant } from './instant.ts'
import { proofWords } from './proof-words.ts'

/** What an audit package says, for a person. Nothing is said that is not in it. */
export function makeReport(exported: AuditPackage): AuditReport {
  const record = readTaskRecord(exported.task, exported.events)
  const ledger = record.ledgers.at(-1)
  if (ledger === undefined) throw new Error('An audit package holds at least one event.')
  return {
    title: titleOf(exported, record),
    task: exported.task,
    exportedAt: exported.exported_at,
    verdict: verdictOf(exported),
    facts: factsOf(exported, record),
    timeline: timelineOf(record),
    decisions: record.actions.flatMap(decisionOf),
    budget: {
      ledger,
      available: availableOf(ledger),
      overdrawn: exported.events.flatMap((event) => (event.kind === 'budget.overdrawn' ? [eventWords(event)] : [])),
    },
    proofs: proofsOf(exported),
    journal: exported.events.map((event) => ({
      seq: event.seq,
      at: event.at,
      kind: event.kind,
      words: eventWords(event),
    })),
    seals: sealsOf(exported),
  }
}

/** Its title; where that is only the beginning of what was asked for, more of it. */
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

function verdictOf(exported: AuditPackage): Verdict {
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
    return { compliant, word: 'Not compliant', sentence, missing }
  }
  const all = required === 1 ? 'The proof' : `All ${required} proofs`
  const follow = required === 1 ? 'follows' : 'follow'
  const sentence =
    required === 0
      ? `The policy ${policy} requires no proofs: this says that the record is complete, and no more.`
      : `${all} that the policy ${policy} requires ${follow} from the record, and every run is closed.`
  return { compliant, word: 'Compliant', sentence, missing }
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
    ['Certificates', whole(attestation.certificate_count)],
    ['Cost', cost],
    ['May do', last?.config.capabilities.join(', ') || 'nothing'],
    ['Contents kept', `${whole(attestation.retention_days)} days after the end`],
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

/** The beginning, each decision with what came of it, what went wrong, and the end. */
function timelineOf({ events, actions }: TaskRecord): Moment[] {
  const decided = new Map(actions.map((action) => [action.decision?.event.seq, action]))
  return events.flatMap((event): Moment[] => {
    const { at, kind } = event
    const action = kind === 'action.decided' ? decided.get(event.seq) : undefined
    if (action !== undefined) return decisionOf(action).map(momentOf)
    const tone = ends[kind]
    if (tone !== undefined) return [{ at, tone, words: kind.replace('run.', 'Run '), detail: eventWords(event) }]
    switch (event.kind) {
      case 'task.submitted':
        return [{ at, tone: 'plain', words: 'Submitted', detail: `by ${event.facts.owner}` }]
      case 'run.claimed':
        return [{ at, tone: 'plain', words: 'Run started', detail: eventWords(event) }]
      case 'attempt.lost':
      case 'budget.overdrawn':
      case 'model.failed':
      case 'model.interrupted':
      case 'action.revoked':
      case 'task.purged':
        return [{ at, tone: 'bad', words: kind.replaceAll(/[._]/gu, ' '), detail: eventWords(event) }]
      case 'message.added':
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

function momentOf({ at, tone, verdict, tool, reason, outcome }: DecisionEntry): Moment {
  return { at, tone, words: `${verdict} ${tool}`, detail: tone === 'bad' ? reason : outcome }
}

const verdicts = { allow: 'Allowed', deny: 'Denied', ask: 'Asked about' } as const

function decisionOf({ requested, decision, revoked, settled }: ActionRecord): DecisionEntry[] {
  if (decision === undefined) return []
  const { seq, at, facts } = decision.event
  const taken = revoked === undefined ? '' : `certificate revoked by ${revoked.facts.by}; `
  const ended = settled === undefined ? 'not settled' : eventWords(settled)
  const outcome = settled?.facts.outcome === 'denied' ? 'never begun' : ended
  return [
    {
      seq,
      at,
      tool: requested.facts.tool,
      tone: facts.answer === 'allow' && revoked === undefined ? 'good' : 'bad',
      verdict: verdicts[facts.answer],
      reason: facts.reason,
      rules: facts.rules,
      outcome: `${taken}${outcome}`,
      statement: facts.statement,
    },
  ]
}

function proofsOf({ attestation }: AuditPackage): ProofEntry[] {
  const reasons = new Map(attestation.proofs_missing.map(({ name, because }) => [name, because]))
  return attestation.proofs_required.map((name) => ({ name, means: proofWords[name], because: reasons.get(name) }))
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

/** Of our own envelopes. */
function payloadOf({ payload }: PackagedEnvelope): unknown {
  return JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
}
