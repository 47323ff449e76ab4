import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPlan, samplePackage } from '../../../test/support/audit/sample-package.ts'
import { sampleRedecide } from '../../../test/support/audit/sample-policies.ts'
import { verifyPackage } from './verify-package.ts'

test('a package that was made of a record is valid, whatever happened to the task', async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const { bytes, pin } = await samplePackage(plan)
      const verification = await verifyPackage(bytes, { pinned: [pin], redecide: sampleRedecide })
      expect(verification).toMatchObject({ verdict: 'valid' })
    }),
    { numRuns: 100 },
  )
})
