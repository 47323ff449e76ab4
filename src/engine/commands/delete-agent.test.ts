import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createAgent } from './create-agent.ts'
import { deleteAgent } from './delete-agent.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test('an agent without open runs is deleted, and takes no further task', async () => {
  const { id } = await createAgent(world.deps, world.owner, { name: 'Reader' })
  await deleteAgent(world.deps, world.owner, id)
  expect(await world.store.readAgent(id)).toBeUndefined()
  await expect(world.submit({ agentId: id })).rejects.toMatchObject({ code: 'agent_not_found' })
})

test('an agent with a run that has not ended is busy, and stays', async () => {
  await world.submit() // the dispatcher is not started: it stays queued
  await expect(deleteAgent(world.deps, world.owner, world.agent.id)).rejects.toMatchObject({ code: 'agent_busy' })
  expect(await world.store.readAgent(world.agent.id)).toMatchObject({ id: world.agent.id })
})

test('somebody else’s private agent is not there', async () => {
  const other: Principal = { ...world.owner, userId: 'user-2' }
  await expect(deleteAgent(world.deps, other, world.agent.id)).rejects.toMatchObject({ code: 'agent_not_found' })
})
