import { test } from 'vitest'
import { changeInputs, expectFound, type Lie } from '../../../test/support/audit/false-records.ts'

const lies: readonly Lie[] = [
  [
    'labels that were not there yet',
    (r) =>
      changeInputs(r, (i) => {
        i.labels = ['phi']
      }),
    /the labels is \["phi"\], by the events before it is \[\]/u,
  ],
  [
    'labels that are left out',
    (r) =>
      changeInputs(
        r,
        (i) => {
          i.labels = []
        },
        3,
      ),
    /the labels is \[\], by the events before/u,
  ],
  [
    'another ledger to decide from',
    (r) =>
      changeInputs(r, (i) => {
        i.ledger = { ...i.ledger, lent: i.ledger.cap }
      }),
    /inputs of event.*the ledger is/u,
  ],
  [
    'more granted than was',
    (r) =>
      changeInputs(r, (i) => {
        i.granted = ['*']
      }),
    /the granted capabilities is/u,
  ],
  [
    'inputs of another principal',
    (r) =>
      changeInputs(r, (i) => {
        i.principal = { ...i.principal, role: 'admin' }
      }),
    /the principal is/u,
  ],
  [
    'inputs of another instant',
    (r) =>
      changeInputs(r, (i) => {
        i.at += 1
      }),
    /the time is/u,
  ],
  [
    'inputs of another run',
    (r) =>
      changeInputs(r, (i) => {
        i.run = 'run-2'
      }),
    /the run is "run-2"/u,
  ],
  [
    'inputs of another tool',
    (r) =>
      changeInputs(r, (i) => {
        i.tool = 'mail'
      }),
    /the tool is "mail"/u,
  ],
  [
    'another cost to decide from',
    (r) =>
      changeInputs(r, (i) => {
        i.cost_micros_usd = 1
      }),
    /the cost is 1, by the reservation it is 50/u,
  ],
  [
    'findings beside the text',
    (r) =>
      changeInputs(r, (i) => {
        i.findings = i.findings.map((one) => ({ ...one, end: 9_999 }))
      }),
    /findings\[0\] is at \d+ to 9999 of a text/u,
  ],
  [
    'inputs that are more than inputs',
    (r) => changeInputs(r, (i) => void Object.assign(i, { more: 1 })),
    /unknown field "more"/u,
  ],
  [
    'inputs that lead to another decision',
    (r) =>
      changeInputs(r, (i) => {
        i.required = ['shell:run']
      }),
    /the decision is.*allow.*by its inputs and its policy it is.*deny/u,
  ],
]

test.for(lies)('the record itself shows %s', expectFound)
