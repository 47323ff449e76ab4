import type { Amounts, Ledger } from '../../domain/budget.ts'
import type { DecisionInputs, Finding } from '../../domain/decision.ts'
import { type Approval, accesses, approvalOutcomes } from '../../domain/decision.ts'
import {
  type EventKind,
  eventKinds,
  eventShapes,
  type JournalEvent,
  policyRefShape,
  principalShape,
} from '../../domain/event.ts'
import { contentRules, type PolicyDocument, type PolicyVersion, proofNames } from '../../domain/policy.ts'
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
  oneOf,
  optional,
  record,
  text,
  whole,
} from '../../domain/shape.ts'
import {
  type AbsentContent,
  type AuditPackage,
  absences,
  type PackagedContent,
  type PackagedEnvelope,
  type PackagedKey,
  type PackagedStatement,
  packageFormat,
} from './audit-package.ts'

const factShapes: Readonly<Record<EventKind, Check>> = eventShapes

const eventEnvelope = record<JournalEvent>({
  seq: count,
  kind: oneOf(eventKinds),
  run: nullable(id),
  attempt: nullable(count),
  at: count,
  facts: anyObject,
  contents: mapOf(digest),
})

/** Checks an event of a journal, its facts by its kind (domain/event.ts). */
export const eventShape: Check = (value, at) => {
  const problem = eventEnvelope(value, at)
  if (problem !== undefined) return problem
  const { kind, facts } = value as JournalEvent // Its kind was just checked.
  return factShapes[kind](facts, `${at}.facts`)
}

const keyId = matching(/^ed25519:[0-9a-f]{32}$/u, 'the id of a key')
const hash = matching(/^[0-9a-f]{64}$/u, 'a hash')
const texts = listOf(text)

const envelope = record<PackagedEnvelope>({
  payload: text,
  payloadType: text,
  signatures: listOf(record<PackagedEnvelope['signatures'][number]>({ keyid: text, sig: text })),
})

const document = record<PolicyDocument>({
  name: matching(/^[a-z0-9_]+$/u, 'the name of a policy'),
  title: text,
  ceiling: texts,
  defaults: texts,
  forbidden: texts,
  content: record<PolicyDocument['content']>({
    personal_data: oneOf(contentRules),
    secrets: oneOf(contentRules),
    blocked_keywords: texts,
  }),
  labels_of_findings: mapOf(texts),
  closed_sinks: mapOf(texts),
  approvals: record<PolicyDocument['approvals']>({ categories: texts, tools: texts, four_eyes: optional(flag) }),
  proofs: listOf(oneOf(proofNames)),
  retention_days: count,
  denial_is_final: flag,
  answer_links: optional(oneOf(['allow', 'deny'])),
})

/** The shape of a whole package. Other checks verify what it says. */
export const packageShape = record<AuditPackage>({
  format: oneOf([packageFormat]),
  exported_at: count,
  task: id,
  keys: listOf(
    record<PackagedKey>({ key_id: keyId, public_key: matching(/^[A-Za-z0-9+/]{43}=$/u, 'the base64 of 32 bytes') }),
  ),
  events: listOf(eventShape),
  contents: listOf(
    record<PackagedContent>({
      digest,
      salt: matching(/^[0-9a-f]{32}$/u, 'a salt'),
      media_type: text,
      sealed: flag,
      encoding: oneOf(['text', 'base64']),
      body: text,
    }),
  ),
  absent: listOf(record<AbsentContent>({ digest, reason: oneOf(absences) })),
  policies: listOf(record<PolicyVersion>({ digest, document, cedar: text })),
  statements: listOf(record<PackagedStatement>({ log_id: id, leaf_index: count, envelope, inclusion: listOf(hash) })),
  heads: listOf(envelope),
  attestation: anyObject, // It is compared as a whole with the computed one.
  seal: envelope,
})

const amounts = record<Amounts>({ micros_usd: whole, tokens: whole, steps: whole })

const finding = record<Finding>({
  detector: text,
  version: count,
  start: count,
  end: count,
  digest,
  encodings: texts,
})

const approval = record<Approval>({
  prompt: id,
  outcome: oneOf(approvalOutcomes),
  by: nullable(text),
  statement: nullable(digest),
  arguments: digest,
  labels: texts,
})

/** The shape of the content that holds the inputs of a decision. */
export const decisionInputsShape: Check = record<DecisionInputs>({
  version: (value, at) => (value === 1 ? undefined : { problem: `${at} is not 1` }),
  at: count,
  task: id,
  run: id,
  action: id,
  principal: principalShape,
  policy: policyRefShape,
  tool: text,
  access: oneOf(accesses),
  required: texts,
  granted: texts,
  sinks: texts,
  approval_categories: texts,
  host: nullable(text),
  path: nullable(text),
  arguments: digest,
  findings: listOf(finding),
  labels: texts,
  cost_micros_usd: count,
  ledger: record<Ledger>({ cap: amounts, spent: amounts, reserved: amounts, lent: amounts }),
  approval: optional(approval),
})

/** The shape of the content that holds the findings in a result. */
export const findingsShape: Check = listOf(finding)
