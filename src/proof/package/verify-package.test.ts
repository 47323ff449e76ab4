import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lieAbout } from '../../../test/support/audit/lie-about.ts'
import {
  anyPlan,
  type PackagePlan,
  partsOf,
  planOf,
  recordSample,
  samplePackage,
} from '../../../test/support/audit/sample-package.ts'
import { sampleRedecide } from '../../../test/support/audit/sample-policies.ts'
import { rotationOf, signerNamed } from '../../../test/support/sample-statements.ts'
import { canonicalText } from '../canonical-json.ts'
import type { AuditPackage } from './audit-package.ts'
import { buildPackage } from './build-package.ts'
import { signPackage } from './seal.ts'
import { type Verification, verifyPackage } from './verify-package.ts'

const redecide = sampleRedecide
const step = (tool: 'read_file' | 'fetch' | 'mail' | 'shell', personal = false) => ({
  actions: [{ tool, fate: 'settled' as const, personal }],
  retries: false,
  subTask: false,
})
const [plainRun] = planOf({}, { steps: [step('fetch', true), step('shell')] }).runs as [PackagePlan['runs'][number]]

const problemOf = (verification: Verification) => ('problem' in verification ? verification.problem : 'none')

test('a package that was made of a record is valid, whatever happened to the task', async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const { bytes, pin } = await samplePackage(plan)
      expect(await verifyPackage(bytes, { pinned: [pin], redecide })).toMatchObject({ verdict: 'valid' })
    }),
    { numRuns: 100 },
  )
})

test('without a pinned key a package is consistent, and who signed it is not known', async () => {
  const { bytes } = await samplePackage(planOf())
  expect(await verifyPackage(bytes, { pinned: [], redecide })).toMatchObject({
    verdict: 'consistent',
    summary: { pinned: [] },
  })
})

test('the summary says what the package holds', async () => {
  const { bytes, pin, parts } = await samplePackage(planOf({ runs: [plainRun] }))
  const verification = await verifyPackage(bytes, { pinned: [pin], redecide })
  expect(verification).toMatchObject({
    verdict: 'valid',
    summary: {
      task: 'task-1',
      runs: [{ run: 'run-1', turn: 1, outcome: 'succeeded', policy: 'strict' }],
      events: parts.events.length - 1, // what came after the end is left out
      contents: { purged: 0, private: 0 },
      statements: { certificate: 1, refusal: 1, settlement: 1, closing: 1 },
      decisions: { rederived: 2, not_rederivable: [] },
      signers: [pin],
      sealed_by: pin,
      pinned: [pin],
      logs: [{ log_id: 'log-1' }],
      attestation: { regime: 'strict', certificate_count: 1 },
    },
  })
})

test('decisions of which the inputs are private are not made again, and it is said why', async () => {
  const { bytes, pin } = await samplePackage(planOf({ runs: [plainRun], isPrivate: true }))
  const verification = await verifyPackage(bytes, { pinned: [pin], redecide })
  expect(verification).toMatchObject({
    verdict: 'valid',
    summary: {
      contents: { present: 0, purged: 0 },
      decisions: { rederived: 0, not_rederivable: [{ because: 'its inputs are private' }, {}] },
    },
  })
  const without = await verifyPackage(bytes, { pinned: [pin] })
  expect(without).toMatchObject({
    summary: { decisions: { not_rederivable: [{ because: 'no policy engine was given' }, {}] } },
  })
})

test('a purge leaves a record that still holds and says what is gone', async () => {
  const purged = { ...plainRun, purges: true }
  const { bytes, pin } = await samplePackage(planOf({ runs: [plainRun, purged] }))
  const verification = await verifyPackage(bytes, { pinned: [pin], redecide })
  expect(verification).toMatchObject({ verdict: 'valid', summary: { decisions: { rederived: 2 } } })
  if (verification.verdict === 'invalid') return
  expect(verification.summary.contents.purged).toBeGreaterThan(5)
  expect(verification.summary.attestation.proofs_missing).toContainEqual({
    name: 'no_phi_external_flow',
    because: 'The inputs of the action run-1 1.0 are purged.',
  })
})

test('a pinned key counts by its id, by its bytes, and through rotations in both directions', async () => {
  const rotated = { ...plainRun, rotates: true }
  const sample = await samplePackage(planOf({ runs: [rotated, rotated, plainRun] }))
  const { signers } = sample.recorder
  expect(signers).toHaveLength(3)
  for (const { keyId, publicKey } of signers) {
    for (const pin of [keyId, Buffer.from(publicKey).toString('base64')]) {
      const verification = await verifyPackage(sample.bytes, { pinned: [pin], redecide })
      expect(verification).toMatchObject({ verdict: 'valid', summary: { pinned: [keyId] } })
    }
  }
})

test('a key that no rotation connects with the pinned one is another key', async () => {
  const { bytes, pin } = await samplePackage(planOf())
  const stranger = signerNamed('stranger').keyId
  expect(problemOf(await verifyPackage(bytes, { pinned: [stranger], redecide }))).toBe(
    `keys: signed by another key than the pinned one: ${pin} signs, pinned: ${stranger}`,
  )
  expect(problemOf(await verifyPackage(bytes, { pinned: [pin.slice(1)], redecide }))).toContain(
    'neither the id of a key',
  )
  const both = await verifyPackage(bytes, { pinned: [stranger, pin], redecide })
  expect(both).toMatchObject({ verdict: 'valid', summary: { pinned: [pin] } })
})

test('a key that was handed on has one heir: a second rotation of a stolen key is found', async () => {
  const sample = await samplePackage(planOf({ runs: [{ ...plainRun, rotates: true }] }))
  const [first] = sample.recorder.signers
  if (first === undefined) throw new Error('There is no key.')
  const thief = signerNamed('thief')
  sample.recorder.signers.push(thief)
  const bytes = await lieAbout(sample, ({ statements }) => {
    statements.push({ ...rotationOf(first, thief), log_id: 'log-1' })
  })
  const listed = JSON.parse(Buffer.from(bytes).toString()) as AuditPackage
  const named = { key_id: thief.keyId, public_key: Buffer.from(thief.publicKey).toString('base64') }
  const keys = [...listed.keys, named].sort((a, b) => (a.key_id < b.key_id ? -1 : 1))
  const resealed = canonicalText(signPackage({ ...listed, keys }, thief))
  const verification = await verifyPackage(Buffer.from(resealed), { pinned: [first.keyId], redecide })
  expect(problemOf(verification)).toContain(`the key ${first.keyId} was handed on before`)
})

test('a key that signs nothing is not listed', async () => {
  const { text, pin, recorder } = await samplePackage(planOf())
  const { seal: _seal, ...rest } = JSON.parse(text) as AuditPackage
  const idle = signerNamed('idle')
  const named = { key_id: idle.keyId, public_key: Buffer.from(idle.publicKey).toString('base64') }
  const keys = [...rest.keys, named].sort((a, b) => (a.key_id < b.key_id ? -1 : 1))
  const resealed = canonicalText(signPackage({ ...rest, keys }, recorder.signer))
  const verification = await verifyPackage(Buffer.from(resealed), { pinned: [pin], redecide })
  expect(problemOf(verification)).toContain(`the key ${idle.keyId} signs nothing in the package`)
})

test('a run that is not closed yet is left out with all that follows; no closed run is no package', async () => {
  const recorder = await recordSample(planOf({ runs: [plainRun, plainRun] }))
  const parts = await partsOf(recorder)
  const closings = parts.statements.filter(({ kind }) => kind === 'closing')
  const withoutLast = parts.statements.filter((statement) => statement !== closings.at(-1))
  const text = buildPackage({ ...parts, statements: withoutLast }, recorder.signer)
  const verification = await verifyPackage(Buffer.from(text), { pinned: [recorder.signer.keyId], redecide })
  expect(verification).toMatchObject({ verdict: 'valid', summary: { runs: [{ run: 'run-1' }] } })
  const none = parts.statements.filter(({ kind }) => kind !== 'closing')
  expect(() => buildPackage({ ...parts, statements: none }, recorder.signer)).toThrow(
    'No run of the task task-1 is closed.',
  )
})
