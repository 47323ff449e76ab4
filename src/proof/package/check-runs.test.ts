import { test } from 'vitest'
import { expectFound, expectTruthValid, type Lie, statementOf } from '../../../test/support/audit/false-records.ts'

const lies: readonly Lie[] = [
  [
    'another outcome in the closing',
    (r) => {
      statementOf(r, 'closing').outcome = 'failed'
    },
    /closing.*the outcome is "failed", by the journal it is "succeeded"/u,
  ],
  [
    'another turn in the closing',
    (r) => {
      statementOf(r, 'closing').turn = 2
    },
    /closing.*the turn is 2/u,
  ],
  [
    'a first seq that leaves events out',
    (r) => {
      statementOf(r, 'closing').first_seq = 2
    },
    /closing.*the first seq is 2/u,
  ],
  [
    'a last seq that leaves events out',
    (r) => {
      statementOf(r, 'closing').last_seq -= 1
    },
    /closing.*the last seq is/u,
  ],
  [
    'a root of other events',
    (r) => {
      statementOf(r, 'closing').events_root = `sha256:${'0'.repeat(64)}`
    },
    /the root of the events 1 to \d+ is/u,
  ],
  [
    'another ledger',
    (r) => {
      statementOf(r, 'closing').ledger.spent.tokens -= 1
    },
    /closing.*the ledger is/u,
  ],
  [
    'a statement less in the chain',
    (r) => {
      statementOf(r, 'closing').statements.count -= 1
    },
    /the statements of the run is/u,
  ],
  [
    'another end of the chain',
    (r) => {
      statementOf(r, 'closing').statements.head = statementOf(r, 'settlement').certificate
    },
    /the statements of the run is/u,
  ],
  ['no closing statement', (r) => void r.statements.splice(-1), /run run-1: it has no closing statement/u],
  [
    'a statement that follows none',
    (r) => {
      statementOf(r, 'settlement').previous = null
    },
    /the statement before it is null/u,
  ],
]

test('a record that says nothing false is valid, though signed again', expectTruthValid)

test.for(lies)('the record itself shows %s', expectFound)
