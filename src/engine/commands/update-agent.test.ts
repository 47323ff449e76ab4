import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createAgent } from './create-agent.ts'
import { updateAgent } from './update-agent.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test('what is given is changed and the rest stays; the instant of the change always rises', async () => {
  const before = await createAgent(world.deps, world.owner, { name: 'Reader', description: 'Reads.' })
  const after = await updateAgent(world.deps, world.owner, before.id, { name: 'Writer' })
  expect(after).toEqual({ ...before, name: 'Writer', updatedAt: before.updatedAt + 1 })
  expect(await world.store.readAgent(before.id)).toEqual(after)
})

test('a run that was queued before keeps what it was given', async () => {
  const { task, run } = await world.submit()
  await updateAgent(world.deps, world.owner, world.agent.id, { capabilities: ['files:read'] })
  const queued = await world.store.readSnapshot(task.id)
  expect(queued?.run.config.capabilities).toEqual(run.config.capabilities)
  expect((await world.submit()).run.config.capabilities).toEqual(['files:read'])
})

test('an agent in the state error is active again, with its failures forgotten', async () => {
  const broken = { ...world.agent, state: 'error' as const, failures: 3 }
  await world.store.commit({ write: [{ kind: 'save_agent', agent: broken }] })
  const healed = await updateAgent(world.deps, world.owner, world.agent.id, { description: 'mended' })
  expect(healed).toMatchObject({ state: 'active', failures: 0 })
})

test('changes at the same time are all made', async () => {
  const changes = [{ name: 'n' }, { description: 'd' }, { stepsMax: 3 }]
  await Promise.all(changes.map((settings) => updateAgent(world.deps, world.owner, world.agent.id, settings)))
  expect(await world.store.readAgent(world.agent.id)).toMatchObject({ name: 'n', description: 'd', stepsMax: 3 })
})

test('a key that is bound to the agent uses it and does not change it', async () => {
  const bound: Principal = { ...world.owner, agentId: world.agent.id }
  const updated = updateAgent(world.deps, bound, world.agent.id, { name: 'x' })
  await expect(updated).rejects.toMatchObject({ code: 'role_forbidden' })
})
