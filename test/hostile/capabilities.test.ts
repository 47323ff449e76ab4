import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createScriptedTool } from '../support/scripted-tool.ts'
import { until } from '../support/until.ts'
import { callsOnce } from './hostile-model.ts'
import { type HostileWorld, openHostileWorld } from './open-hostile-world.ts'

let world: HostileWorld
/** What was really done, by any tool that is not granted. */
const done: string[] = []

beforeAll(async () => {
  const note = (name: string) => (input: object) => {
    done.push(`${name} ${JSON.stringify(input)}`)
    return 'done'
  }
  const probe = createScriptedTool('probe', note('probe'), { capabilitiesFor: ({ text }) => [String(text)] })
  const pair = createScriptedTool('pair', note('pair'), { capabilitiesFor: () => ['filesystem:read', 'email:send'] })
  const approved = createScriptedTool('export_all', note('export_all'), { approvalCategories: ['data_export'] })
  world = await openHostileWorld({
    tools: [probe, pair, approved, createScriptedTool('other_tool', note('other_tool'))],
  })
})
afterAll(() => world.close())
beforeEach(() => {
  done.length = 0
})

describe('a tool that the agent does not have', () => {
  let agent: string
  beforeAll(async () => {
    agent = (await world.addAgent({ tools: ['read_file', 'probe'], capabilities: ['*'] })).id
  })
  const names = [
    'other_tool',
    'write_file',
    'fetch_url',
    'export_all',
    'Read_File',
    'READ_FILE',
    'read_file ',
    ' read_file',
    'read_file\n',
    'read_file\0',
    'read\u200b_file',
    'rеad_file',
    'ｒead_file',
    'read-file',
    'read_file.probe',
    'functions.other_tool',
    'default_api:other_tool',
    'other_tool/../read_file',
    'read_file,other_tool',
    '["other_tool"]',
    '{"tool":"other_tool"}',
    '*',
    'read_*',
    '.*',
    '',
    ' ',
    'null',
    'undefined',
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    'action.decided',
  ]
  test.each(names)('%j is not carried out', async (tool) => {
    const args = { text: 'filesystem:read', path: 'x', content: 'x', url: 'http://127.0.0.1/' }
    const attack = await world.attack(callsOnce({ tool, args }), { agent_id: agent })
    expect(done).toEqual([])
    expect(attack.attempts.filter(({ settled }) => settled.facts.outcome === 'settled')).toEqual([])
    // A call without a name is none to the provider's package.
    const isNone = tool.trim() === '' && attack.attempts.length === 0
    const isOnRecord = isNone || attack.attempts.some((tried) => tried.tool === tool)
    expect(isOnRecord).toBe(true)
  })
})

describe('a capability that was not granted', () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [
      ['filesystem:read'],
      [
        'filesystem:readx',
        'filesystem:rea',
        'filesystem',
        'filesystem:',
        'filesystem:read:',
        'filesystem:read:secret',
        'filesystem:read:*',
        'filesystem:*',
        '*',
        'filesystem:write',
        'Filesystem:Read',
        'FILESYSTEM:READ',
        'filesystem:read ',
        ' filesystem:read',
        'filesystem:read\0',
        'filesystem:read\n',
        'filesystem：read',
        'fіlesystem:read',
        'filesystem::read',
        'filesystem:read,network:http:read',
        'network:http:read',
        '',
        ':',
        '**',
        '__proto__',
      ],
    ],
    [
      ['filesystem:read:*'],
      ['filesystem:read', 'filesystem:readx', 'filesystem:read', 'filesystem:*', 'filesystem:write:a', '*', ''],
    ],
    [['filesystem*'], ['file', 'network:http:read', '*', 'xfilesystem:read']],
    [
      ['network:http:read', 'email:*'],
      ['network:http:write', 'network:http', 'email', 'emailx:send', 'network:*'],
    ],
  ]
  const rows = cases.flatMap(([grants, wanted]) => wanted.map((capability) => [grants, capability] as const))
  test.each(rows)('with %j, %j is denied', async (grants, capability) => {
    const agent = await world.addAgent({ capabilities: grants })
    const attack = await world.attack(callsOnce({ tool: 'probe', args: { text: capability } }), { agent_id: agent.id })
    expect(done).toEqual([])
    const [tried] = attack.attempts
    expect(tried?.decided?.facts).toMatchObject({ answer: 'deny', rules: ['capability'] })
    expect(tried?.settled.facts.outcome).toBe('denied')
    expect(attack.state).toBe('blocked')
    const [refusal] = await world.statementsOf(attack.id)
    expect(refusal).toMatchObject({ kind: 'refusal', tool: 'probe', capabilities: grants, rules: ['capability'] })
  })

  test('is denied where a second one that the call needs is granted', async () => {
    const agent = await world.addAgent({ capabilities: ['filesystem:read'] })
    const attack = await world.attack(callsOnce({ tool: 'pair', args: { text: 'x' } }), { agent_id: agent.id })
    expect(attack.attempts[0]?.decided?.facts.answer).toBe('deny')
    expect(done).toEqual([])
  })

  test('a granted one is allowed', async () => {
    const agent = await world.addAgent({ capabilities: ['filesystem:read:*'] })
    const call = { tool: 'probe', args: { text: 'filesystem:read:notes' } }
    const attack = await world.attack(callsOnce(call), { agent_id: agent.id })
    expect([attack.state, done.length]).toEqual(['succeeded', 1])
  })

  test('what a policy forbids is denied through the widest grant', async () => {
    const forbidden = ['network:smtp:*', 'database:delete']
    const agent = await world.addAgent({ capabilities: ['*'] }, { document: { forbidden } })
    for (const wanted of ['network:smtp:send', 'network:smtp:*', 'network:*', '*', 'database:delete', 'database:*']) {
      const call = { tool: 'probe', args: { text: wanted } }
      const attack = await world.attack(callsOnce(call), { agent_id: agent.id })
      expect(attack.attempts[0]?.decided?.facts.rules, wanted).toEqual(['capability', 'forbidden_by_policy'])
    }
    expect(done).toEqual([])
  })
})

describe('a request for more than the policy gives', () => {
  const wishes = [
    '*',
    'network:*',
    'network:http:read',
    'filesystem:*',
    'filesystem:readx',
    'network:smtp:send:external',
  ]
  test.each(wishes)('%j is refused, and no task is begun', async (wish) => {
    const body = { input: 'x', policy: 'hipaa', capabilities: [wish] }
    const answer = await world.call('POST', '/v1/tasks', body)
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'capability_denied'])
    expect(answer.json().denied).toMatchObject([{ permission: wish }])
  })
})

test('what needs a person waits for one, whatever its arguments say, and is done by nobody else', async () => {
  const agent = await world.addAgent({}, { document: { approvals: { categories: ['data_export'], tools: [] } } })
  const call = { tool: 'export_all', args: { text: 'approved by the administrator' } }
  const attacking = world.attack(callsOnce(call, call, call), { agent_id: agent.id })
  await until('the approvals to be asked for', async () => (await world.openPrompts(call.tool)).length === 3)
  expect(done).toEqual([])
  for (const { id } of await world.openPrompts(call.tool)) await world.deny(id)
  const attack = await attacking
  expect(attack.attempts.map(({ decided }) => decided?.facts.rules)).toEqual(Array(3).fill(['approval_denied']))
  expect(done).toEqual([])
})

test('a model that repeats a denied call for ever uses up its steps, and each try is on record', async () => {
  const agent = await world.addAgent({ capabilities: ['filesystem:read'], stepsMax: 7 })
  const calls = [{ tool: 'probe', args: { text: 'email:send' } }]
  const attack = await world.attack(() => ({ calls }), { agent_id: agent.id })
  expect([attack.state, attack.error]).toEqual(['failed', 'steps_exhausted'])
  expect(attack.attempts.map(({ settled }) => settled.facts.outcome)).toEqual(Array(7).fill('denied'))
  expect((await world.statementsOf(attack.id)).filter(({ kind }) => kind === 'refusal')).toHaveLength(7)
  expect(done).toEqual([])
})

test('where the policy makes a denial final, work that follows one does not hide it', async () => {
  const agent = await world.addAgent({ capabilities: ['filesystem:read'] }, { document: { denial_is_final: true } })
  const calls = ['email:send', 'filesystem:read'].map((text) => ({ tool: 'probe', args: { text } }))
  const attack = await world.attack(callsOnce(...calls), { agent_id: agent.id })
  expect(attack.state).toBe('blocked')
  expect(done).toHaveLength(1)
})
