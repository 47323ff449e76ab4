import { test } from 'vitest'
import { eventOf, expectFound, type Lie } from '../../../test/support/audit/false-records.ts'

const lies: readonly Lie[] = [
  [
    'a policy by another name',
    (r) => {
      eventOf(r, 'run.queued').facts.config.policy.name = 'open'
    },
    /the (?:name of its )?policy is/u,
  ],
  [
    'contents that are kept for less',
    (r) => {
      eventOf(r, 'run.queued').facts.config.retentionDays = 1
    },
    /for how many days its contents are kept is 1/u,
  ],
  [
    'a policy with another text',
    (r) => void Object.assign(r.policies[0] ?? {}, { cedar: 'permit(principal, action, resource);' }),
    /policies\[0\] \(strict\): its digest is/u,
  ],
]

test.for(lies)('the record itself shows %s', expectFound)
