import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { Agent } from '../../domain/agent.ts'
import type { LimitName } from '../../domain/limits.ts'
import { type AgentSettings, applySettings } from './agent-settings.ts'

const limits = {
  ...{ name_chars_max: 10, instructions_chars_max: 10, path_chars_max: 20, path_label_chars_max: 30 },
  ...{ run_timeout_seconds_max: 60, steps_max: 5 },
}
// Settings are applied without a write, so that one world serves every test.
let world: EngineWorld
beforeAll(async () => {
  world = await createEngineWorld({ limits, tools: [createScriptedTool('look', () => 'seen')] })
})
afterAll(() => world.close())

const apply = (settings: AgentSettings, over: Partial<Agent> = {}, role: 'operator' | 'admin' = 'operator') =>
  applySettings(world.deps, { ...world.owner, role }, { ...world.agent, ...over }, settings)

test('settings that are left out stay, and words that are named twice are kept once', async () => {
  const { agent, contents } = await apply({ tools: ['look', 'look'], capabilities: ['files:*', 'files:*'] })
  expect(agent).toEqual({ ...world.agent, tools: ['look'], capabilities: ['files:*'] })
  expect(contents).toEqual([])
  expect(await world.store.readAgent(world.agent.id)).toMatchObject({ capabilities: ['*'] })
})

test('new instructions are a content, and none where they are null or empty', async () => {
  const { agent, contents } = await apply({ instructions: 'Be brief.' })
  expect(contents).toMatchObject([{ digest: agent.instructions, body: 'Be brief.' }])
  for (const instructions of [null, '']) {
    const without = await apply({ instructions }, { instructions: agent.instructions })
    expect(without).toEqual({ agent: world.agent, contents: [] })
  }
})

test('a policy must be there, and null is the server’s default', async () => {
  expect((await apply({ policy: 'hipaa' })).agent.policy).toBe('hipaa')
  expect((await apply({ policy: null }, { policy: 'hipaa' })).agent.policy).toBeNull()
  await expect(apply({ policy: 'no-such-policy' })).rejects.toMatchObject({ code: 'policy_not_found' })
})

const tooMuch: readonly [LimitName, AgentSettings, AgentSettings][] = [
  ['name_chars_max', { name: 'x'.repeat(10) }, { name: 'x'.repeat(11) }],
  ['instructions_chars_max', { instructions: 'x'.repeat(10) }, { instructions: 'x'.repeat(11) }],
  ['run_timeout_seconds_max', { timeoutMs: 60_000 }, { timeoutMs: 60_001 }],
  ['steps_max', { stepsMax: 5 }, { stepsMax: 6 }],
  ['path_chars_max', paths('x'.repeat(20)), paths('x'.repeat(21))],
  ['path_label_chars_max', paths('x'.repeat(14), 'y'.repeat(14)), paths('x'.repeat(15), 'y'.repeat(15))],
]

function paths(...all: string[]): AgentSettings {
  return { pathLabels: all.map((path) => ({ path, labels: ['secret'] })) }
}

test.each(tooMuch)('what is within %s is taken, and more is refused by its name', async (limit, most, more) => {
  await expect(apply(most)).resolves.toBeDefined()
  await expect(apply(more)).rejects.toMatchObject({ code: 'invalid_input', limit })
})

test('a path rule that means nothing is refused by its place among the rules', async () => {
  const refused = apply(paths('a', 'b', 'folder\\file'))
  await expect(refused).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'path_labels.2.path' }] })
})

test('a blank name, a tool that is not there and what is no capability are refused by their fields', async () => {
  await expect(apply({ name: ' \t' })).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'name' }] })
  await expect(apply({ tools: ['look', 'fly'] })).rejects.toMatchObject({
    code: 'tool_unknown',
    message: 'There is no tool "fly". There are: look.',
    fields: [{ field: 'tools' }],
  })
  const capabilities = ['files:read', 'NOT ONE', '*:read']
  await expect(apply({ capabilities })).rejects.toMatchObject({
    code: 'invalid_input',
    message: 'These are no capabilities: "NOT ONE", "*:read".',
    fields: [{ field: 'capabilities' }],
  })
})

test('a model that cannot be called is refused when it is chosen, and no later change is', async () => {
  await expect(apply({ model: 'no-such-model' })).rejects.toMatchObject({ code: 'model_unknown' })
  await expect(apply({ provider: 'other' }, { model: 'no-such-model' })).rejects.toMatchObject({
    code: 'model_unknown',
  })
  const { agent } = await apply({ name: 'new' }, { model: 'no-such-model' })
  expect(agent).toMatchObject({ name: 'new', model: 'no-such-model' })
  await expect(apply({ model: 'auto' }, { model: 'no-such-model' })).resolves.toBeDefined()
})

test('only an administrator makes an agent public, and its owner may change it afterwards', async () => {
  await expect(apply({ visibility: 'public' })).rejects.toMatchObject({ code: 'role_forbidden' })
  await expect(apply({ visibility: 'public' }, {}, 'admin')).resolves.toMatchObject({ agent: { visibility: 'public' } })
  const { agent } = await apply({ visibility: 'public', name: 'new' }, { visibility: 'public' })
  expect(agent).toMatchObject({ visibility: 'public', name: 'new' })
})
