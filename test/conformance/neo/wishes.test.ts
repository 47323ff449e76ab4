import { afterEach, describe, expect, test } from 'vitest'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { type Neo, openNeo } from './open-neo.ts'

let neo: Neo
const open = async (options?: Parameters<typeof openNeo>[0]) => {
  neo = await openNeo(options)
  return neo
}
afterEach(() => neo.world.close())

const configOf = async (body: object) => {
  const { id } = await neo.submit({ task: 'x', ...body })
  return (await neo.read(id)).stream.run_config
}
const refused = async (body: object, field: string) => {
  const answer = await neo.create({ task: 'x', ...body })
  expect(answer.statusCode, JSON.stringify(body)).toBe(400)
  expect(answer.json()).toMatchObject({ code: 'validation_error', details: [{ field }] })
}

describe('every field that is left out', () => {
  test('has its default, which the task shows', async () => {
    await open({ started: false })
    expect(await configOf({})).toEqual({
      agent_id: null,
      agent_ids: [],
      ask_question: false,
      auto_execute: false,
      completion_delivery: null,
      file_keys: [],
      isolated: false,
      max_iterations: 0,
      max_steps: 60,
      mode: 'agent',
      model: 'demo',
      project_id: null,
      sandbox_id: null,
      secrets: [],
    })
  })
})

describe('every field that is given', () => {
  test('is frozen with its run and shown again; the next run has its own', async () => {
    const { submit, read, world } = await open({ started: false })
    const wishes = {
      agent_id: world.agent.id,
      agent_ids: ['a', 'b'],
      ask_question: true,
      auto_execute: true,
      completion_delivery: 'artifact',
      file_keys: ['f1'],
      isolated: true,
      max_iterations: 5,
      max_steps: 4,
      mode: 'plan',
      project_id: 'p1',
      sandbox_id: 's1',
      secrets: ['GITHUB_TOKEN'],
    }
    const { id } = await submit({ task: 'x', ...wishes })
    const thread = await read(id)
    expect(thread.stream.run_config).toEqual({ ...wishes, model: 'demo' })
    expect(thread.streams[0].run_config).toEqual(thread.stream.run_config)
    expect(thread.task).toMatchObject({ is_isolated: true, project_id: 'p1', secret_names: ['GITHUB_TOKEN'] })
    await world.deps.dispatcher.start()
    await neo.ended(id)
    await submit({ task: 'y', id, secrets: ['OTHER', 'OTHER'] })
    const later = await read(id)
    expect(later.streams.map(({ run_config }: { run_config: object }) => run_config)).toMatchObject([
      { mode: 'plan', max_steps: 4, secrets: ['GITHUB_TOKEN'] },
      { mode: 'agent', max_steps: 60, secrets: ['OTHER'] },
    ])
    expect(later.task.secret_names).toEqual(['GITHUB_TOKEN', 'OTHER'])
  })
})

describe('the agent', () => {
  test('that agent_id names answers, past the default one', async () => {
    const models = createScriptedModels([{ text: 'Sure.' }])
    const { submit, ended, world } = await open({ models })
    const instructions = 'You are the second agent.'
    const second = (
      await world.call('POST', '/v1/agents', { name: 'second', instructions, visibility: 'public' })
    ).json()
    await ended((await submit({ task: 'x', agent_id: second.id })).id)
    await ended((await submit({ task: 'x' })).id)
    expect(models.calls.map((call) => call.instructions)).toEqual([instructions, null])
  })

  test('that is not there, or is not shown to the caller, is not found', async () => {
    const { create, world } = await open({ started: false })
    const hidden = (await world.call('POST', '/v1/agents', { name: 'hidden' })).json()
    const answers = await Promise.all(
      [hidden.id, '11111111-2222-4333-8444-555555555555', 'nobody'].map((agent_id) => create({ task: 'x', agent_id })),
    )
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404)
      expect(answer.body).toBe(answers[0]?.body)
      expect(answer.json()).toMatchObject({ code: 'agent_not_found', kind: 'not found' })
    }
  })
})

describe('the steps', () => {
  test('default to 45 where an agent was named, and to 60 where not', async () => {
    const { world } = await open({ started: false })
    expect((await configOf({ agent_id: world.agent.id })).max_steps).toBe(45)
    expect((await configOf({})).max_steps).toBe(60)
    expect((await configOf({ agent_ids: [world.agent.id] })).max_steps).toBe(60)
  })

  test('may be 4 to 200', async () => {
    await open({ started: false })
    expect((await configOf({ max_steps: 4 })).max_steps).toBe(4)
    expect((await configOf({ max_steps: 200 })).max_steps).toBe(200)
    for (const max_steps of [3, 201, 4.5, -1, '10']) await refused({ max_steps }, 'max_steps')
  })

  test('end the run when they are used up', async () => {
    const call = { calls: [{ tool: 'list_files', input: {} }] }
    const models = createScriptedModels([call])
    const { submit, ended } = await open({ models })
    const thread = await ended((await submit({ task: 'x', max_steps: 4 })).id)
    expect(thread.task.status).toBe('failed')
    expect(models.calls).toHaveLength(4)
  })
})

describe('the rounds of verification', () => {
  test('default to 0, and to 1 in mode plan', async () => {
    await open({ started: false })
    expect((await configOf({})).max_iterations).toBe(0)
    expect((await configOf({ mode: 'chat' })).max_iterations).toBe(0)
    expect((await configOf({ mode: 'plan' })).max_iterations).toBe(1)
    expect((await configOf({ mode: 'plan', max_iterations: 0 })).max_iterations).toBe(0)
  })

  test('may be 0 to 5', async () => {
    await open({ started: false })
    expect((await configOf({ max_iterations: 5 })).max_iterations).toBe(5)
    for (const max_iterations of [-1, 6, 0.5, '1']) await refused({ max_iterations }, 'max_iterations')
  })
})

describe('the mode', () => {
  const toolsIn = async (mode?: string) => {
    const models = createScriptedModels([{ text: 'ok' }])
    const { submit, ended } = await open({ models })
    const { id } = await submit({ task: 'x', ...(mode && { mode }) })
    await ended(id)
    return models.calls[0]?.tools.map(({ name }) => name)
  }

  test('agent, which is the default, gives the agent all of its tools', async () => {
    const all = await toolsIn()
    expect(all).toEqual(neo.world.agent.tools)
    await neo.world.close()
    expect(await toolsIn('agent')).toEqual(all)
  })

  test('chat leaves it those that look things up, and refuses what the model wants beyond', async () => {
    const write = { calls: [{ tool: 'write_file', input: { path: 'a.txt', content: 'x' } }] }
    const models = createScriptedModels([write, { text: 'I cannot.' }])
    const { submit, ended } = await open({ models })
    const { id } = await submit({ task: 'x', mode: 'chat' })
    const thread = await ended(id)
    expect(models.calls[0]?.tools.map(({ name }) => name)).toEqual(['fetch_url'])
    const calls = thread.messages[1].parts.filter(({ type }: { type: string }) => type === 'dynamic-tool')
    expect(calls).toMatchObject([{ toolName: 'write_file', state: 'output-error' }])
  })

  test('of another word is refused', async () => {
    await open({ started: false })
    await refused({ mode: 'swarm' }, 'mode')
    await refused({ mode: 5 }, 'mode')
  })
})

describe('asking back', () => {
  test('is not among the tools, nor spoken of, unless it is switched on', async () => {
    const models = createScriptedModels([{ text: 'ok' }])
    const { submit, ended } = await open({ models })
    await ended((await submit({ task: 'x', ask_question: false })).id)
    await ended((await submit({ task: 'x' })).id)
    for (const call of models.calls) {
      expect(call.tools.map(({ name }) => name)).not.toContain('ask_question')
      expect(call.instructions ?? '').not.toContain('ask_question')
    }
  })
})

describe('an isolated task', () => {
  test('begins with nothing but what it was told, and says that it is isolated', async () => {
    const models = createScriptedModels([{ text: 'ok' }])
    const { submit, ended } = await open({ models })
    const before = await ended((await submit({ task: 'remember the number seven' })).id)
    expect(before.task.is_isolated).toBe(false)
    const thread = await ended((await submit({ task: 'which number?', isolated: true })).id)
    expect(thread.task.is_isolated).toBe(true)
    expect(models.calls[1]?.messages).toEqual([{ role: 'user', text: 'which number?' }])
  })
})

describe('the visibility', () => {
  test('is private where it is left out or empty, and else as it is said', async () => {
    const { submit, read } = await open({ started: false })
    const shown = async (body: object) => (await read((await submit({ task: 'x', ...body })).id)).task.visibility
    expect(await shown({})).toBe('private')
    expect(await shown({ visibility: '' })).toBe('private')
    for (const visibility of ['public', 'private', 'unlisted', 'team'])
      expect(await shown({ visibility })).toBe(visibility)
    await refused({ visibility: 'secret' }, 'visibility')
  })
})

describe('the project', () => {
  test('is none where it is left out; tasks of one are found by it', async () => {
    const { submit, get, read } = await open({ started: false })
    const loose = await submit({ task: 'x' })
    const scoped = await submit({ task: 'x', project_id: 'p1' })
    await submit({ task: 'x', project_id: 'p2' })
    expect((await read(loose.id)).task.project_id).toBeNull()
    const found = (await get('/api/v1/tasks?project_id=p1')).json().tasks
    expect(found).toMatchObject([{ id: scoped.id, project_id: 'p1' }])
  })
})

describe('a field', () => {
  test('of the wrong type or with a word that is not its own is refused by name', async () => {
    await open({ started: false })
    const wrong: Record<string, unknown> = {
      agent_id: 5,
      agent_ids: 'a',
      ask_question: 'yes',
      auto_execute: 1,
      completion_delivery: 'mail',
      file_keys: 'a',
      isolated: 'yes',
      message: 'hello',
      model: 4,
      project_id: 5,
      response_format: 'xml',
      sandbox_id: 5,
      secrets: 'A',
      task: 5,
    }
    for (const [field, value] of Object.entries(wrong)) await refused({ [field]: value }, field)
    await refused({ agent_ids: [''] }, 'agent_ids.0')
    await refused({ message: { role: 'system' } }, 'message.role')
    await refused({ message: { parts: [{ type: 'image' }] } }, 'message.parts.0.type')
  })
})
