import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { sampleAt, sampleId } from '../../../test/support/sample-tasks.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Prompt } from '../../domain/prompt.ts'
import { listInboxChanges } from './list-prompts.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

const promptOf = (taskId: string, ownerId: string, teamId: string | null): Prompt => ({
  ...{ id: sampleId(), taskId, runId: 'run', ownerId, teamId, kind: 'question', step: 1, action: null, tool: null },
  ...{ categories: [], version: 1, payload: 'sha256:1', state: 'open', openedAt: sampleAt, expiresAt: null },
  ...{ onExpiry: 'fail', settledAt: null, outcome: null, answeredBy: null, answer: null },
})

async function openAndSettle(prompt: Prompt): Promise<void> {
  await world.store.commit({ write: [{ kind: 'insert_prompt', prompt }] })
  const settled = { settledAt: sampleAt, outcome: null, answeredBy: null, answer: null }
  const { id } = prompt
  await world.store.commit({ write: [{ kind: 'settle_prompt', prompt: id, state: 'expired', ...settled }] })
}

async function readAll(principal: Principal, sizes: readonly number[]) {
  const found: number[] = []
  let after = 0
  for (let at = 0; ; at += 1) {
    const page = await listInboxChanges(world.deps, principal, after, sizes[at % sizes.length] ?? 1)
    found.push(...page.changes.map(({ change }) => change))
    if (page.last === after) return found
    after = page.last
  }
}

test('whoever goes on from the last change gets each change once and in order, in pages of any size', async () => {
  const { task } = await world.submit()
  const mine = promptOf(task.id, world.owner.userId, 'red')
  await openAndSettle(mine)
  await openAndSettle(promptOf(task.id, 'another', 'red')) // of the team, and of a task that is the owner's
  await openAndSettle(promptOf(task.id, 'another', null))
  await openAndSettle({ ...mine, id: sampleId() })
  const approver: Principal = { ...world.owner, role: 'approver', teamId: 'red' }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), async (sizes) => {
      expect(await readAll(world.owner, sizes)).toEqual([1, 2, 7, 8])
      // Own ones and those of the team are two lists, and a prompt may be in both.
      expect(await readAll(approver, sizes)).toEqual([1, 2, 3, 4, 7, 8])
      expect(await readAll({ ...world.owner, role: 'admin' }, sizes)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(await readAll({ ...world.owner, role: 'viewer' }, sizes)).toEqual([])
    }),
  )
})
