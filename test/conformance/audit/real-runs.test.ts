import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noAmounts } from '../../../src/domain/budget.ts'
import { exportAudit } from '../../../src/engine/queries/export-audit.ts'
import { verifyAudit } from '../../../src/main/verify-audit.ts'
import { parsePackage } from '../../../src/proof/package/parse-package.ts'
import { textOfSealed } from '../../../src/proof/package/seal.ts'
import { readTaskRecord } from '../../../src/proof/package/task-record.ts'
import { type AuditSimulation, simulateAudits } from '../../support/audit-simulation.ts'

/** What the simulations came across: a test of what never happens tests nothing. */
const seen = new Set<string>()
const mustBeSeen = [
  'action.revoked',
  'attempt.lost',
  'budget.overdrawn',
  'budget.granted',
  'unknown',
  'late',
  'redacted',
  'prompt.answered',
  'approved',
]

test('whatever becomes of runs, their audit packages verify, all that was open is settled, and no tool ran but as certified', async () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 })
  const property = fc.asyncProperty(seeds, async (seed) => {
    const simulation = await simulateAudits(seed, 120)
    try {
      expect(simulation.errors).toEqual([])
      expect(simulation.uncertified).toEqual([])
      for (const id of simulation.taskIds) await checkTask(simulation, id)
    } finally {
      await simulation.close()
    }
  })
  await fc.assert(property, { numRuns: 12, endOnFailure: true })
  expect(mustBeSeen.filter((one) => !seen.has(one))).toEqual([])
}, 120_000)

async function checkTask({ world, store }: AuditSimulation, id: string): Promise<void> {
  if ((await store.readTask(id)) === undefined) return // its submit was refused, or cut by a kill
  const pins = [world.deps.notary.keyring.keys[0]?.key_id ?? '']
  for (const contents of [true, false]) {
    const text = textOfSealed(await exportAudit(world.deps, world.owner, id, { contents }))
    const verification = await verifyAudit(Buffer.from(text), pins)
    if (verification.verdict !== 'valid') throw new Error(`${id}: ${JSON.stringify(verification)}`)
    checkRecord(id, text)
  }
}

function checkRecord(id: string, text: string): void {
  const parsed = parsePackage(Buffer.from(text))
  if ('problem' in parsed) throw new Error(parsed.problem)
  const { actions, runs, ledgers } = readTaskRecord(id, parsed.events)
  for (const { requested, decision, settled } of actions) {
    expect(settled, `the end of the action ${requested.facts.action} of ${id}`).toBeDefined()
    seen.add(settled?.facts.outcome ?? '')
    if (settled?.facts.late) seen.add('late')
    if (decision?.event.contents['arguments'] !== undefined) seen.add('redacted')
    if (decision?.event.facts.rules.includes('approval')) seen.add('approved')
    if (decision?.event.facts.rules.includes('approval_denied')) seen.add('approval_denied')
  }
  for (const { run, end } of runs) {
    const held = ledgers[(end?.seq ?? 0) - 2]?.reserved
    expect(held, `what was held when the run ${run} of ${id} ended`).toEqual(noAmounts)
  }
  for (const { kind } of parsed.events) seen.add(kind)
}
