import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import { exportAudit } from '../../../src/engine/queries/export-audit.ts'
import { verifyAudit } from '../../../src/main/verify-audit.ts'
import { parsePackage } from '../../../src/proof/package/parse-package.ts'
import { type ActionRecord, readTaskRecord } from '../../../src/proof/package/task-record.ts'
import { openStatement } from '../../../src/proof/signed-statement.ts'
import { type AuditSimulation, simulateAudits } from '../../support/audit-simulation.ts'

/** What the simulations have come across: a test of what never happens tests nothing. */
const seen = new Map<string, number>()
const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)

test('whatever runs go through, their audit packages verify, every action is settled, and none ran but as certified', async () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 })
  const property = fc.asyncProperty(seeds, async (seed) => {
    const simulation = await simulateAudits(seed, 120)
    try {
      expect(simulation.errors).toEqual([])
      const certified = new Map<string, readonly JsonObject[]>()
      for (const id of simulation.taskIds)
        await checkTask(simulation, id).catch(async (error: unknown) => {
          if (process.env['DUMP'])
            for (const e of await simulation.store.readEvents(id, 0, 1000))
              console.log(e.seq, e.kind, e.run, e.attempt, e.at % 100000000, JSON.stringify(e.facts).slice(0, 300))
          throw error
        })
      void certified
    } finally {
      await simulation.close()
    }
  })
  await fc.assert(property, {
    numRuns: Number(process.env['RUNS'] ?? 12),
    endOnFailure: true,
    ...(process.env['SEED'] && { examples: [[Number(process.env['SEED'])]] }),
  })
  console.log([...seen].sort())
}, 600_000)

async function checkTask({ world, store }: AuditSimulation, id: string): Promise<void> {
  if ((await store.readTask(id)) === undefined) return // its submit was refused, or cut by a kill
  const pins = [world.rooms.notary.keyring.keys[0]?.key_id ?? '']
  for (const contents of [true, false]) {
    const text = await exportAudit(world.rooms, world.owner, id, { contents })
    const verification = await verifyAudit(Buffer.from(text), pins)
    if (verification.verdict !== 'valid') throw new Error(`${id}: ${JSON.stringify(verification)}`)
    const { summary } = verification
    if (contents) {
      note(`rederived: ${summary.decisions.rederived > 0}`)
      note(`compliant: ${summary.attestation.compliant}`)
      note(`logs: ${summary.logs.length}`)
      note(`signers: ${summary.signers.length}`)
    } else continue
    const parsed = parsePackage(Buffer.from(text))
    if ('problem' in parsed) throw new Error(parsed.problem)
    for (const event of parsed.events) {
      note(event.kind)
      if (event.kind === 'run.failed') note(`failed: ${event.facts.error.code}`)
      if (event.kind === 'model.failed') note(`model: ${event.facts.code}`)
      if (event.kind === 'action.settled' && event.facts.late) note('late')
      if (event.kind === 'action.settled' && event.contents['findings']) note('findings')
      if (event.kind === 'action.decided') for (const rule of event.facts.rules) note(`${event.facts.answer} ${rule}`)
      if (event.kind === 'action.decided' && event.contents['arguments']) note('redacted')
    }
    for (const action of readTaskRecord(id, parsed.events).actions) checkAction(id, action)
  }
}

function checkAction(id: string, { requested, decision, revoked, settled }: ActionRecord): void {
  expect(settled, `the end of ${requested.facts.action} of ${id}`).toBeDefined()
  const how = decision === undefined ? 'undecided' : revoked ? 'revoked' : decision.event.facts.answer
  note(`${how}: ${settled?.facts.outcome}${settled?.facts.statement ? '' : ', unsigned'}`)
  if (requested.facts.repeats !== undefined) note('repeats')
}
void openStatement
