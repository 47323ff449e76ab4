import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import { createAgent } from './create-agent.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await createEngineWorld()
})
afterEach(() => world.close())

test('a new agent is the caller’s, active, and granted nothing that was not asked for', async () => {
  const agent = await createAgent(world.deps, world.owner, { name: 'Reader' })
  expect(agent).toMatchObject({ ownerId: 'user-1', state: 'active', tools: [], capabilities: [], policy: null })
  expect(agent.number).toBeGreaterThan(0)
  expect(await world.store.readAgent(agent.id)).toEqual(agent)
})

test('its instructions are kept as a content', async () => {
  const { instructions } = await createAgent(world.deps, world.owner, { name: 'Reader', instructions: 'Be brief.' })
  const contents = await world.store.readContents([instructions ?? ''])
  expect(contents.get(instructions ?? '')?.body).toBe('Be brief.')
})

test('tools that are not there, an unknown policy and a public agent of no administrator are refused, and nothing is kept', async () => {
  const refused = async (settings: object, code: string) =>
    expect(createAgent(world.deps, world.owner, { name: 'x', ...settings })).rejects.toMatchObject({ code })
  await refused({ tools: ['no_such_tool'] }, 'tool_unknown')
  await refused({ policy: 'no-such-policy' }, 'policy_not_found')
  await refused({ visibility: 'public' }, 'role_forbidden')
  await refused({ name: ' ' }, 'invalid_input')
  const mine = await world.store.listAgents({ ownerId: 'user-1' }, { limit: 10 })
  expect(mine.map(({ id }) => id)).toEqual([world.agent.id])
})

test('a viewer, and a key that is bound to one agent, create none', async () => {
  const viewer: Principal = { ...world.owner, role: 'viewer' }
  const bound: Principal = { ...world.owner, agentId: world.agent.id }
  for (const principal of [viewer, bound]) {
    await expect(createAgent(world.deps, principal, { name: 'x' })).rejects.toMatchObject({ code: 'role_forbidden' })
  }
})
