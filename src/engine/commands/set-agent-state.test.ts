import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { setAgentState } from './set-agent-state.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test.each(['paused', 'stopped'] as const)(
  'an agent that is %s takes no tasks until it is active again',
  async (state) => {
    expect(await setAgentState(world.deps, world.owner, world.agent.id, state)).toMatchObject({ state })
    await expect(world.submit()).rejects.toMatchObject({ code: 'agent_unavailable' })
    await setAgentState(world.deps, world.owner, world.agent.id, 'active')
    expect((await world.submit()).run.state).toBe('queued')
  },
)

test('the same state again changes nothing, not even the instant of the change', async () => {
  const paused = await setAgentState(world.deps, world.owner, world.agent.id, 'paused')
  world.clock.advance(1_000)
  expect(await setAgentState(world.deps, world.owner, world.agent.id, 'paused')).toEqual(paused)
})

test('active forgets the failures that were counted', async () => {
  const failing = { ...world.agent, state: 'error' as const, failures: 3 }
  await world.store.commit({ write: [{ kind: 'save_agent', agent: failing }] })
  const active = await setAgentState(world.deps, world.owner, world.agent.id, 'active')
  expect(active).toMatchObject({ state: 'active', failures: 0 })
})

test('only who may change the agent changes its state', async () => {
  const other: Principal = { ...world.owner, userId: 'user-2' }
  const set = setAgentState(world.deps, other, world.agent.id, 'stopped')
  await expect(set).rejects.toMatchObject({ code: 'agent_not_found' })
})
