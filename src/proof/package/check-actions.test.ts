import { test } from 'vitest'
import { eventOf, expectFound, type Lie, statementOf } from '../../../test/support/audit/false-records.ts'

const lies: readonly Lie[] = [
  [
    'another tool',
    (r) => {
      statementOf(r, 'certificate').tool = 'mail'
    },
    /certificate.*the tool is "mail", by the journal it is "fetch"/u,
  ],
  [
    'the arguments as they were before they were redacted',
    (r) => {
      statementOf(r, 'certificate').arguments = eventOf(r, 'action.requested').contents['arguments'] ?? ''
    },
    /the digest of the arguments is/u,
  ],
  [
    'other inputs',
    (r) => {
      statementOf(r, 'certificate').inputs = statementOf(r, 'certificate', 1).inputs
    },
    /the digest of the inputs is/u,
  ],
  [
    'other rules',
    (r) => {
      statementOf(r, 'certificate').rules = ['policy:other']
    },
    /the rules is \["policy:other"\]/u,
  ],
  [
    'another principal',
    (r) => {
      statementOf(r, 'certificate').principal.user = 'mallory'
    },
    /the principal is.*mallory/u,
  ],
  ['more capabilities', (r) => void statementOf(r, 'certificate').capabilities.push('*'), /the capabilities is/u],
  [
    'another policy',
    (r) => {
      statementOf(r, 'certificate').policy.name = 'open'
    },
    /the policy is/u,
  ],
  [
    'another parent',
    (r) => {
      statementOf(r, 'certificate').parent = 'task-9'
    },
    /the parent is "task-9"/u,
  ],
  [
    'another reservation',
    (r) => {
      statementOf(r, 'certificate').reserved.micros_usd = 49
    },
    /what is reserved is/u,
  ],
  [
    'another attempt',
    (r) => {
      statementOf(r, 'certificate').attempt = 2
    },
    /the action it is about is/u,
  ],
  [
    'another step',
    (r) => {
      statementOf(r, 'certificate').step = 2
    },
    /the action it is about is/u,
  ],
  [
    'another instant',
    (r) => {
      statementOf(r, 'certificate').issued_at -= 1
    },
    /the time it was issued is/u,
  ],
  [
    'a repetition that was none',
    (r) => {
      statementOf(r, 'certificate').repeats = 'run-1 1.1'
    },
    /the action it repeats is/u,
  ],
  [
    'a certificate that expires before it begins',
    (r) => {
      statementOf(r, 'certificate').expires_at = 1
    },
    /it expires before it was issued/u,
  ],
  [
    'another reason of a refusal',
    (r) => {
      statementOf(r, 'refusal').reason = 'Well.'
    },
    /refusal.*the reason is "Well\."/u,
  ],
  [
    'a refusal that is said to be an allowance',
    (r) => void Object.assign(eventOf(r, 'action.decided', 3).facts, { answer: 'allow' }),
    /is a refusal, it should be a certificate/u,
  ],
  [
    'a certificate that no event speaks of',
    (r) => void r.statements.splice(-1, 0, { ...statementOf(r, 'certificate'), previous: null, action: 'x' }),
    /the statement before it is null/u,
  ],
  [
    'a revocation that no event speaks of',
    (r) =>
      void r.statements.splice(-1, 0, {
        ...statementOf(r, 'revocation'),
        action: 'x',
        certificate: `sha256:${'1'.repeat(64)}`,
      }),
    /revocation\): no event speaks of it/u,
  ],
  [
    'a statement about another task',
    (r) => {
      statementOf(r, 'revocation').task = 'task-2'
    },
    /its task is "task-2"/u,
  ],
  [
    'a statement about another run',
    (r) => {
      statementOf(r, 'revocation').run = 'run-2'
    },
    /it is about the run run-2, which the events do not hold/u,
  ],
  [
    'another outcome of an action',
    (r) => {
      statementOf(r, 'settlement').outcome = 'failed'
    },
    /settlement.*the outcome is "failed"/u,
  ],
  [
    'another result',
    (r) => {
      statementOf(r, 'settlement').result = null
    },
    /the digest of the result is null/u,
  ],
  [
    'another cost',
    (r) => {
      statementOf(r, 'settlement').cost.micros_usd = 1
    },
    /the cost is/u,
  ],
  [
    'another duration',
    (r) => {
      statementOf(r, 'settlement').duration_ms = 1
    },
    /the duration is 1/u,
  ],
  [
    'a delay that was none',
    (r) => {
      statementOf(r, 'settlement').late = true
      eventOf(r, 'action.settled').facts.late = true
    },
    /it is marked late/u,
  ],
  [
    'a delay that is not told',
    (r) => {
      statementOf(r, 'certificate').expires_at = statementOf(r, 'certificate').issued_at + 1
    },
    /it is not marked late/u,
  ],
  [
    'another label',
    (r) => {
      statementOf(r, 'settlement', 2).labels = []
    },
    /the labels is \[\]/u,
  ],
  [
    'the settlement of another certificate',
    (r) => {
      statementOf(r, 'settlement').certificate = statementOf(r, 'settlement', 1).certificate
    },
    /the certificate is/u,
  ],
  [
    'a settlement that is not named',
    (r) => void delete eventOf(r, 'action.settled').facts.statement,
    /there is no settlement of it/u,
  ],
  [
    'a revoked action that was carried out',
    (r) => {
      eventOf(r, 'action.settled', 1).facts.outcome = 'settled'
      statementOf(r, 'settlement', 1).outcome = 'settled'
    },
    /the outcome is "settled", by the revocation/u,
  ],
  [
    'a denied action that was carried out',
    (r) => {
      eventOf(r, 'action.settled', 3).facts.outcome = 'settled'
    },
    /the outcome is "settled", by the decision/u,
  ],
  [
    'an action that nobody decided',
    (r) => {
      eventOf(r, 'action.settled', 6).facts.outcome = 'settled'
    },
    /though nothing was decided about it/u,
  ],
  [
    'a revocation by somebody else',
    (r) => {
      statementOf(r, 'revocation').by = 'mallory'
    },
    /what it revokes is/u,
  ],
  [
    'a revocation that is missing',
    (r) =>
      void r.statements.splice(
        r.statements.findIndex(({ kind }) => kind === 'revocation'),
        1,
      ),
    /there is no revocation of the certificate/u,
  ],
]

test.for(lies)('the record itself shows %s', expectFound)
