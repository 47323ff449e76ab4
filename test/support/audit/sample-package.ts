import fc from 'fast-check'
import type { PackagedKey } from '../../../src/proof/package/audit-package.ts'
import { buildPackage, type PackageParts } from '../../../src/proof/package/build-package.ts'
import { headOf, proveAll } from './sample-log.ts'
import { openPolicy, strictPolicy } from './sample-policies.ts'
import { SampleRecorder } from './sample-recorder.ts'
import { endings, fates, type RunPlan, toolNames, writeMessage, writeRun } from './write-sample.ts'

export interface PackagePlan {
  readonly task: string
  readonly runs: readonly (RunPlan & {
    readonly rotates: boolean
    readonly restores: boolean
    readonly purges: boolean
  })[]
  readonly sealed: boolean
  readonly isSubTask: boolean
  readonly isPrivate: boolean
  readonly hasInstructions: boolean
}

const rarely = fc.integer({ min: 0, max: 3 }).map((n) => n === 3)

const anyAction = fc.record({
  tool: fc.constantFrom(...toolNames),
  fate: fc.constantFrom(...fates),
  personal: fc.boolean(),
})

const anyRun = fc.record({
  strict: fc.boolean(),
  steps: fc.array(fc.record({ actions: fc.array(anyAction, { maxLength: 3 }), retries: rarely, subTask: rarely }), {
    maxLength: 3,
  }),
  ending: fc.constantFrom(...endings),
  pauses: rarely,
  isLost: rarely,
  rotates: rarely,
  restores: rarely,
  purges: rarely,
})

/** Packages of many shapes. */
export const anyPlan: fc.Arbitrary<PackagePlan> = fc.record({
  task: fc.uuid(),
  runs: fc.array(anyRun, { minLength: 1, maxLength: 3 }),
  sealed: rarely,
  isSubTask: rarely,
  isPrivate: rarely,
  hasInstructions: fc.boolean(),
})

export interface SamplePackage {
  readonly recorder: SampleRecorder
  readonly parts: PackageParts
  readonly text: string
  readonly bytes: Uint8Array
  /** The id of the key that signs at the end. */
  readonly pin: string
}

/** A package that holds, made by the pieces that make them in earnest. */
export async function samplePackage(plan: PackagePlan): Promise<SamplePackage> {
  const recorder = await recordSample(plan)
  const parts = await partsOf(recorder, plan.isPrivate)
  const text = buildPackage(parts, recorder.signer)
  return { recorder, parts, text, bytes: Buffer.from(text), pin: recorder.signer.keyId }
}

export async function recordSample(plan: PackagePlan): Promise<SampleRecorder> {
  const recorder = new SampleRecorder(plan.task)
  const instructions = plan.hasInstructions ? recorder.text('Be brief.') : null
  for (const [i, run] of plan.runs.entries()) {
    if (i > 0 && run.purges) {
      recorder.append('task.purged', { by: 'server', reason: 'retention', contents: recorder.contents.size }, {}, null)
      for (const digest of [...recorder.contents.keys()]) if (digest !== instructions) recorder.contents.delete(digest)
    }
    if (i > 0 && run.restores) recorder.restore()
    writeMessage(recorder, run, i + 1, { sealed: plan.sealed, isSubTask: plan.isSubTask, instructions })
    await writeRun(recorder, run)
    if (run.rotates) recorder.rotate()
    recorder.close()
  }
  // What follows the last closing is not part of a package.
  recorder.append('task.hold_placed', { by: 'user-1', reason: 'A lawsuit.' }, {}, null)
  return recorder
}

export async function partsOf(recorder: SampleRecorder, isPrivate = false): Promise<PackageParts> {
  const { signer, signers, logs, at } = recorder
  const keys: PackagedKey[] = signers.map(({ keyId, publicKey }) => ({
    key_id: keyId,
    public_key: Buffer.from(publicKey).toString('base64'),
  }))
  return {
    task: recorder.task,
    exportedAt: at + 1_000,
    events: recorder.events,
    contents: recorder.contents,
    isPrivate,
    policies: [openPolicy, strictPolicy],
    statements: (await Promise.all(logs.map(proveAll))).flat(),
    heads: logs.map((log) => headOf(log, signer, at + 500)),
    keys,
  }
}

/** A plan of a test's own: one run of one step with these actions. */
export function planOf(over: Partial<PackagePlan> = {}, run: Partial<PackagePlan['runs'][number]> = {}): PackagePlan {
  const plain = { strict: true, steps: [], ending: 'succeeded', pauses: false, isLost: false } as const
  const only = { ...plain, rotates: false, restores: false, purges: false, ...run }
  return {
    task: 'task-1',
    runs: [only],
    sealed: false,
    isSubTask: false,
    isPrivate: false,
    hasInstructions: true,
    ...over,
  }
}
