import { exportAudit } from '../../src/engine/queries/export-audit.ts'
import { prepareClosing } from '../../src/engine/services/close-run.ts'
import { verifyAudit } from '../../src/main/verify-audit.ts'
import type { Measure } from '../measures/measure.ts'
import { percentile } from '../statistics.ts'
import { openGuardedTask } from './guarded-task.ts'
import { manyPolicies, type Scopes } from './many-policies.ts'
import { measureVerify } from './measure-verify.ts'

const versions = 100
const rules = 100
const taskEvents = 1_000

/**
 * What the guard costs in this process: answering an action (scanned, decided, recorded, signed), closing a run, exporting a
 * task and verifying the package. Commits are not in it.
 */
export const guardCost: Measure = {
  name: 'guard',
  contenders: ['mandate'],
  roundsMax: 2,
  metrics: [
    {
      key: 'guard.p50',
      label: `guard.verify, ${versions} policies of ${rules} rules, signed: p50`,
      unit: 'ms',
      digits: 3,
    },
    { key: 'guard.p99', label: 'the same: p99', unit: 'ms', digits: 3 },
    { key: 'guard.wide.p50', label: `guard.verify, all ${rules} rules apply to the call: p50`, unit: 'ms', digits: 3 },
    { key: 'guard.wide.p99', label: 'the same: p99', unit: 'ms', digits: 3 },
    { key: 'close.short', label: 'Closing statement of a run of one step: p50', unit: 'ms', digits: 3 },
    { key: 'close.long', label: `Closing statement of a run of ${taskEvents} events: p50`, unit: 'ms', digits: 2 },
    { key: 'audit.export', label: `Audit package of ${taskEvents} events, exported: p50`, unit: 'ms', digits: 1 },
    { key: 'audit.verify', label: 'the same, verified: p50', unit: 'ms', digits: 1 },
    { key: 'audit.size', label: 'the same: its size', unit: 'KiB', digits: 0 },
  ],
  async run({ quick }) {
    const verify = (scopes: Scopes) => timeVerify(scopes, quick ? 200 : 2_000)
    const [narrow, wide] = [await verify('one_access'), await verify('every_access')]
    return {
      'guard.p50': percentile(narrow, 0.5),
      'guard.p99': percentile(narrow, 0.99),
      'guard.wide.p50': percentile(wide, 0.5),
      'guard.wide.p99': percentile(wide, 0.99),
      ...(await timeRecords(quick ? 2 : 5)),
    }
  },
}

async function timeVerify(scopes: Scopes, calls: number): Promise<number[]> {
  const policies = manyPolicies(versions, rules, scopes)
  const warmUp = Math.ceil(calls / 5)
  return (await measureVerify(policies, warmUp + calls)).slice(warmUp)
}

async function timeRecords(times: number) {
  const short = await openGuardedTask(0)
  const long = await openGuardedTask(taskEvents)
  try {
    const closing = ({ world, ...ended }: typeof long) => timed(times, () => prepareClosing(world.deps, ended))
    const closed = { short: await closing(short), long: await closing(long) }
    const { world, taskId } = long
    world.deps.logKeeper.start()
    const exported = await timed(times, () => exportAudit(world.deps, world.owner, taskId, { contents: true }))
    const bytes = Buffer.concat(exported.last)
    const pinned = world.deps.notary.keyring.current.keyId
    const verified = await timed(times, () => verifyAudit(bytes, [pinned]))
    if (verified.last.verdict !== 'valid') throw new Error(`The package is ${verified.last.verdict}.`)
    await world.deps.logKeeper.stop()
    return {
      'close.short': closed.short.p50,
      'close.long': closed.long.p50,
      'audit.export': exported.p50,
      'audit.verify': verified.p50,
      'audit.size': bytes.byteLength / 1_024,
    }
  } finally {
    await short.world.close()
    await long.world.close()
  }
}

/** The first time is not counted: it compiles. */
async function timed<T>(times: number, work: () => Promise<T>): Promise<{ p50: number; last: T }> {
  let last = await work()
  const samples: number[] = []
  for (let i = 0; i < times; i += 1) {
    const from = performance.now()
    last = await work()
    samples.push(performance.now() - from)
  }
  return { p50: percentile(samples, 0.5), last }
}
