import type { Amounts, Ledger } from '../domain/budget.ts'
import { actionOutcomes, policyRefShape, principalShape, responderShape } from '../domain/event.ts'
import { answerOutcomes, promptKinds } from '../domain/prompt.ts'
import { terminalStates } from '../domain/run-state.ts'
import {
  type Check,
  count,
  digest,
  flag,
  id,
  listOf,
  matching,
  nullable,
  oneOf,
  optional,
  record,
  text,
  whole,
} from '../domain/shape.ts'
import type {
  ApprovalRequest,
  Certificate,
  ClosingStatement,
  KeyRotation,
  PromptAnswerStatement,
  RefusalRecord,
  Revocation,
  Settlement,
  Statement,
  StatementKind,
} from '../domain/statement.ts'

type Predicate<T extends Statement> = Omit<T, 'kind'>

const keyId = matching(/^ed25519:[0-9a-f]{32}$/u, 'the id of a key')
const publicKey = matching(/^[A-Za-z0-9+/]{43}=$/u, 'the base64 of 32 bytes')
const amounts = record<Amounts>({ micros_usd: whole, tokens: whole, steps: whole })
const ledger = record<Ledger>({ cap: amounts, spent: amounts, reserved: amounts, lent: amounts })
const namedKey = record<KeyRotation['from']>({ key_id: keyId, public_key: publicKey })

const actionFields = {
  log_id: id,
  key_id: keyId,
  task: id,
  run: id,
  attempt: count,
  step: count,
  action: id,
  previous: nullable(digest),
  issued_at: count,
}

const decidedFields = {
  ...actionFields,
  principal: principalShape,
  tool: text,
  arguments: digest,
  inputs: digest,
  capabilities: listOf(text),
  policy: policyRefShape,
  parent: nullable(id),
  rules: listOf(text),
}

/** The shape of the predicate of each kind of statement, version 1 of each. */
export const predicateShapes: Readonly<Record<StatementKind, Check>> = {
  certificate: record<Predicate<Certificate>>({
    ...decidedFields,
    reserved: amounts,
    repeats: nullable(id),
    expires_at: count,
    approval: optional(digest),
  }),
  refusal: record<Predicate<RefusalRecord>>({ ...decidedFields, reason: text, approval: optional(digest) }),
  ask: record<Predicate<ApprovalRequest>>({
    ...decidedFields,
    reason: text,
    prompt: id,
    expires_at: nullable(count),
  }),
  answer: record<Predicate<PromptAnswerStatement>>({
    log_id: id,
    key_id: keyId,
    task: id,
    run: id,
    action: nullable(id),
    prompt: id,
    prompt_kind: oneOf(promptKinds),
    payload: digest,
    answer: digest,
    outcome: oneOf(answerOutcomes),
    by: responderShape,
    issued_at: count,
  }),
  settlement: record<Predicate<Settlement>>({
    ...actionFields,
    certificate: digest,
    outcome: oneOf(actionOutcomes),
    result: nullable(digest),
    cost: amounts,
    duration_ms: count,
    late: flag,
    labels: listOf(text),
  }),
  revocation: record<Predicate<Revocation>>({
    log_id: id,
    key_id: keyId,
    task: id,
    run: id,
    action: id,
    certificate: digest,
    by: text,
    issued_at: count,
  }),
  closing: record<Predicate<ClosingStatement>>({
    log_id: id,
    key_id: keyId,
    task: id,
    run: id,
    turn: count,
    outcome: oneOf(terminalStates),
    first_seq: count,
    last_seq: count,
    events_root: digest,
    statements: record<ClosingStatement['statements']>({ count, head: nullable(digest) }),
    ledger,
    issued_at: count,
  }),
  rotation: record<Predicate<KeyRotation>>({ log_id: id, from: namedKey, to: namedKey, issued_at: count }),
}
