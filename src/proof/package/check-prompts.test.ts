import { test } from 'vitest'
import { eventOf, expectFound, type Lie, statementOf } from '../../../test/support/audit/false-records.ts'

/** The sample asks about two mails: the first is denied by a person, the second is approved. */
const lies: readonly Lie[] = [
  [
    'an answer by somebody else than the journal says',
    (r) => {
      statementOf(r, 'answer').by.user = 'mallory'
    },
    /who answered is.*mallory/u,
  ],
  [
    'another answer than was signed',
    (r) => {
      eventOf(r, 'prompt.answered').facts.outcome = 'approved'
    },
    /the outcome is "denied", by the journal it is "approved"/u,
  ],
  [
    'an approval that nobody gave',
    (r) => {
      eventOf(r, 'prompt.answered', 1).facts.outcome = 'denied'
      statementOf(r, 'answer', 1).outcome = 'denied'
    },
    /the answer is "denied", by the decision it is "approved"/u,
  ],
  [
    'an answer about another prompt',
    (r) => {
      statementOf(r, 'answer').prompt = statementOf(r, 'answer', 1).prompt
    },
    /the prompt is/u,
  ],
  [
    'an answer to another payload',
    (r) => {
      statementOf(r, 'answer').payload = statementOf(r, 'answer', 1).payload
    },
    /the digest of what was asked is/u,
  ],
  [
    'another text of an answer',
    (r) => {
      statementOf(r, 'answer').answer = statementOf(r, 'answer', 1).answer
    },
    /the digest of the answer is/u,
  ],
  [
    'an answer that came too late',
    (r) => {
      const at = eventOf(r, 'prompt.answered').at
      eventOf(r, 'prompt.opened').facts.expires_at = at
      statementOf(r, 'ask').expires_at = at
    },
    /it came after the prompt had expired/u,
  ],
  [
    'a certificate without the approval that it rests on',
    (r) => {
      const certificate = r.statements.find((one) => one.kind === 'certificate' && one.approval !== undefined)
      if (certificate?.kind === 'certificate') certificate.approval = undefined
    },
    /it rests on an approval, and its statement names none/u,
  ],
  [
    'an approval that is used for two actions',
    (r) => {
      const approved = r.statements.find((one) => one.kind === 'certificate' && one.approval !== undefined)
      const other = r.statements.find((one) => one.kind === 'certificate' && one.approval === undefined)
      if (approved?.kind === 'certificate' && other?.kind === 'certificate') other.approval = approved.approval
    },
    /it rests on no approval, and its statement names one/u,
  ],
  [
    'a request for approval that opened no prompt',
    (r) => {
      statementOf(r, 'ask').prompt = 'another'
    },
    /the prompt another was never opened/u,
  ],
  [
    'a request that expires at another time',
    (r) => {
      statementOf(r, 'ask').expires_at = 7
    },
    /its expiry is 7/u,
  ],
  [
    'an answer that nobody gave beside the others',
    (r) => {
      const extra = structuredClone(statementOf(r, 'answer'))
      extra.issued_at += 1
      r.statements.splice(r.statements.length - 1, 0, extra)
    },
    /no event speaks of it \(prompt/u,
  ],
  [
    'a prompt that was settled twice',
    (r) => {
      const { seq } = eventOf(r, 'run.resumed')
      const again = structuredClone(eventOf(r, 'prompt.answered'))
      const index = r.events.findIndex((event) => event.seq === seq)
      r.events[index] = { ...again, seq }
    },
    /was settled before/u,
  ],
  [
    'an action that is decided while its prompt is open',
    (r) => {
      const answered = eventOf(r, 'prompt.answered')
      const index = r.events.indexOf(answered)
      const { prompt, by } = answered.facts
      const facts = { prompt, by, code: 'role_forbidden', message: 'No.' }
      r.events[index] = { ...answered, kind: 'prompt.rejected', facts, contents: {} } as (typeof r.events)[number]
    },
    /is decided again though its prompt is open/u,
  ],
]

test.each(lies)('%s is found', (...lie) => expectFound(lie))
