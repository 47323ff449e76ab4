import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  anyChoice,
  type Mutation,
  mutateBytes,
  mutateValue,
  resealedByStranger,
} from '../../../test/support/audit/mutate-package.ts'
import { anyPlan, type SamplePackage, samplePackage } from '../../../test/support/audit/sample-package.ts'
import { sampleRedecide } from '../../../test/support/audit/sample-policies.ts'
import { canonicalText } from '../canonical-json.ts'
import type { AuditPackage } from './audit-package.ts'
import { parsePackage } from './parse-package.ts'
import { signPackage } from './seal.ts'
import { type Verification, verifyPackage } from './verify-package.ts'

// fast-check prints the seed and the smallest case where something is not caught: { seed, path } repeat it.

const seed = Number(process.env['MANDATE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
console.info(`MANDATE_TEST_SEED=${seed}`)

const samples: SamplePackage[] = await Promise.all(fc.sample(anyPlan, { numRuns: 24, seed }).map(samplePackage))
const anySample = fc.constantFrom(...samples)

const verify = ({ pin }: SamplePackage, bytes: Uint8Array): Promise<Verification> =>
  verifyPackage(bytes, { pinned: [pin], redecide: sampleRedecide })

async function expectCaught(sample: SamplePackage, { what, path, bytes }: Mutation): Promise<boolean> {
  if (Buffer.from(bytes).equals(sample.bytes)) return false
  const verification = await verify(sample, bytes)
  if (verification.verdict !== 'invalid') throw new Error(`Not caught: ${what} at ${path}`)
  expect(verification.problem).not.toBe('')
  return true
}

test('every change of the bytes of a package is caught', async () => {
  let changed = 0
  await fc.assert(
    fc.asyncProperty(anySample, anyChoice, async (sample, choice) => {
      if (await expectCaught(sample, mutateBytes(sample, choice))) changed += 1
    }),
    { numRuns: 1_000, seed },
  )
  expect(changed).toBeGreaterThan(800)
})

test('every change of the structure of a package is caught, however canonical it is', async () => {
  let changed = 0
  await fc.assert(
    fc.asyncProperty(anySample, anySample, anyChoice, async (sample, donor, choice) => {
      const mutation = mutateValue(sample, JSON.parse(donor.text) as AuditPackage, choice)
      if (await expectCaught(sample, mutation)) changed += 1
    }),
    { numRuns: 1_500, seed },
  )
  expect(changed).toBeGreaterThan(1_000)
})

test('a package that another key has sealed is not that of the pinned one', async () => {
  for (const sample of samples) await expectCaught(sample, resealedByStranger(sample))
})

/**
 * What the seal alone binds, and why: whoever holds the sealing key could say otherwise.
 * - `exported_at`: the export is not an event.
 * - How a content is shown (its type, whether it is sealed, its encoding): digests are over salt and bytes.
 * - Whether a content is there, and why not: what is purged or kept back is known to the server only.
 */
const boundBySealOnly = [/^exported_at$/u, /^contents\/\d+\/(?:media_type|sealed|encoding)$/u, /^absent\/\d+\/reason$/u]

test('what the installation itself changed and sealed again is caught by what the statements bind', async () => {
  let changed = 0
  await fc.assert(
    fc.asyncProperty(anySample, anySample, anyChoice, async (sample, donor, choice) => {
      const { what, path, value } = mutateValue(sample, JSON.parse(donor.text) as AuditPackage, choice)
      if (path.startsWith('seal') || boundBySealOnly.some((pattern) => pattern.test(path))) return
      if (canonicalText(value) === sample.text) return
      const { seal: _seal, ...unsealed } = value
      const resealed = signPackage(unsealed, sample.recorder.signer)
      await expectCaught(sample, { what: `${what}, sealed again`, path, bytes: Buffer.from(canonicalText(resealed)) })
      changed += 1
    }),
    { numRuns: 2_500, seed },
  )
  expect(changed).toBeGreaterThan(1_500)
})

test('the samples hold before they are changed', async () => {
  for (const sample of samples) {
    expect(await verify(sample, sample.bytes)).toMatchObject({ verdict: 'valid' })
    expect(parsePackage(sample.bytes)).not.toHaveProperty('problem')
  }
})
