import { test } from 'vitest'
import { eventOf, expectFound, type Lie } from '../../../test/support/audit/false-records.ts'

const lies: readonly Lie[] = [
  ['an event that is left out', (r) => void r.events.splice(5, 1), /events\[5\]: its seq is 7, by its place it is 6/u],
  [
    'a move that no run makes',
    (r) => void Object.assign(eventOf(r, 'run.claimed'), { kind: 'run.resumed', facts: {} }),
    /run\.resumed.*cannot become queued/u,
  ],
  [
    'an attempt that was not there',
    (r) => {
      eventOf(r, 'action.decided').attempt = 2
    },
    /its attempt is 2, by the journal it is 1/u,
  ],
  [
    'an event of another run',
    (r) => {
      eventOf(r, 'model.responded').run = 'run-9'
    },
    /its run is "run-9"/u,
  ],
  [
    'an action that was never requested',
    (r) => {
      eventOf(r, 'action.settled', 4).facts.action = 'x'
    },
    /the action x was never requested/u,
  ],
  [
    'a settlement of a settled action',
    (r) => {
      eventOf(r, 'action.settled', 1).facts.action = 'run-1 1.0'
    },
    /was settled before/u,
  ],
  [
    'a turn that is not the next',
    (r) => {
      eventOf(r, 'run.queued').facts.turn = 2
    },
    /its turn is 2/u,
  ],
]

test.for(lies)('the record itself shows %s', expectFound)
