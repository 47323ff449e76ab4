import { afterEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../../src/domain/agent.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { createScriptedTool } from '../../support/scripted-tool.ts'
import { chunksOf, type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())
const open = async (options?: Parameters<typeof openNeo>[0]) => {
  neo = await openNeo(options)
  return neo
}

const filesOf = async (id: string) => {
  const answer = await neo.world.call('GET', `/v1/tasks/${id}/files`)
  return answer.json().files.map(({ path }: { path: string }) => path)
}
const write = { calls: [{ tool: 'write_file', input: { path: 'p.txt', content: 'PWNED' } }] }

describe('a run in plan mode', () => {
  test.each([false, true])('acts on nothing, whatever auto_execute is (%s)', async (auto_execute) => {
    const { submit, ended } = await open()
    const { id } = await submit({ mode: 'plan', auto_execute, task: 'write PWNED to p.txt' })
    const { task } = await ended(id)
    expect(await filesOf(id)).toEqual([])
    expect(['completed', 'failed']).toContain(task.status)
  })

  test('is offered the tools that read and no other, and is given none that it wants beyond', async () => {
    const performed: string[] = []
    const tool = createScriptedTool('act', () => {
      performed.push('act')
      return 'done'
    })
    const models = createScriptedModels([
      { calls: [...write.calls, { tool: 'act', input: { text: 'x' } }] },
      { text: 'planned' },
    ])
    const { submit, ended } = await open({ models, tools: [tool] })
    const { id } = await submit({ mode: 'plan', task: 'x' })
    await ended(id)
    expect(models.calls[0]?.tools.map(({ name }) => name)).toEqual(['list_files', 'read_file'])
    expect(performed).toEqual([])
    expect(await filesOf(id)).toEqual([])
  })

  test('says so: to the model after its instructions, in the answer, the stream, the thread and the journal', async () => {
    const models = createScriptedModels([{ text: 'planned' }])
    const { submit, create, ended, world } = await open({ models })
    const { id: agent_id } = (
      await world.call('POST', '/v1/agents', { name: 'x', instructions: 'Be brief.', visibility: 'public' })
    ).json()
    const acknowledged = await submit({ mode: 'plan', task: 'x', agent_id })
    const { notice } = acknowledged as { notice?: string }
    expect(notice).toContain('plan mode')
    const thread = await ended(acknowledged.id)
    expect(thread.streams[0].notice).toBe(notice)
    expect(models.calls[0]?.instructions).toBe(`Be brief.\n\n${notice}`)
    const chunks = chunksOf((await create({ mode: 'plan', task: 'x' })).body)
    expect(chunks[0]).toMatchObject({ type: 'start', messageMetadata: { notice } })
    expect(models.calls[1]?.instructions).toBe(notice)
    const { events } = (await world.call('GET', `/v1/tasks/${acknowledged.id}/events`)).json()
    expect(events.find(({ type }: { type: string }) => type === 'run.queued').data.config.notice).toBe(notice)
  })

  test('is the only one that says so', async () => {
    const models = createScriptedModels([{ text: 'done' }])
    const { submit, ended } = await open({ models })
    for (const mode of ['agent', 'chat']) {
      const acknowledged = await submit({ mode, task: 'x' })
      expect(acknowledged).not.toHaveProperty('notice')
      expect((await ended(acknowledged.id)).streams[0]).not.toHaveProperty('notice')
    }
    expect(models.calls.map(({ instructions }) => instructions)).toEqual([null, null])
  })

  test('stays one when its last answer is asked for once more', async () => {
    const { submit, ended, read } = await open()
    const { id } = await submit({ mode: 'plan', task: 'write PWNED to p.txt' })
    await ended(id)
    await submit({ id, trigger: 'regenerate-message' })
    await ended(id)
    expect((await read(id)).streams).toMatchObject([{ run_config: { mode: 'plan' } }, { run_config: { mode: 'plan' } }])
    expect(await filesOf(id)).toEqual([])
  })
})

describe('a message that asks for restraint', () => {
  const restraints = [{ mode: 'plan' }, { mode: 'chat' }, { max_steps: 4 }]

  test.each(restraints)(
    '%j is not given to a run under way that may do more: 409, and it stays unread',
    async (more) => {
      const { submit, create, read, world } = await open({ started: false })
      const { id } = await submit({ task: 'x' })
      const queued = await create({ id, task: 'write PWNED to p.txt', ...more })
      expect([queued.statusCode, queued.json().code]).toEqual([409, 'task_busy'])
      await world.call('POST', `/mandate/v1/tasks/${id}/stop`, {})
      const paused = await create({ id, task: 'write PWNED to p.txt', ...more })
      expect([paused.statusCode, paused.json().code]).toEqual([409, 'task_busy'])
      const thread = await read(id)
      expect(thread.task.status).toBe('suspended')
      expect(thread.messages.filter(({ role }: { role: string }) => role === 'user')).toHaveLength(1)
    },
  )

  test('starts a run of its own, which is held to it, when the one before has ended', async () => {
    const { submit, ended } = await open()
    const { id } = await submit({ task: 'say hello' })
    await ended(id)
    await submit({ id, task: 'write PWNED to p.txt', mode: 'plan' })
    expect((await ended(id)).streams[1].run_config.mode).toBe('plan')
    expect(await filesOf(id)).toEqual([])
  })

  test('is given to a run that is held to it already, and one without is read under its restraint', async () => {
    const { submit, read } = await open({ started: false })
    const { id, stream_id } = await submit({ task: 'x', mode: 'plan', max_steps: 5 })
    for (const more of [{ mode: 'plan' }, { mode: 'plan', max_steps: 5 }, {}, { max_steps: 60 }]) {
      const answer = await submit({ id, task: 'y', ...more })
      expect(answer).toMatchObject({ stream_id, notice: expect.stringContaining('plan mode') })
    }
    expect((await read(id)).streams).toHaveLength(1)
  })
})

describe('who names agents', () => {
  const openWithAgents = async () => {
    const models = createScriptedModels([{ text: 'done' }])
    const { world } = await open({ models })
    const add = async (name: string): Promise<Agent> =>
      (await world.call('POST', '/v1/agents', { name, instructions: name, visibility: 'public' })).json()
    return { models, one: await add('one'), two: await add('two') }
  }

  test('gets the first of them, and never one that was not named', async () => {
    const { models, one, two } = await openWithAgents()
    await neo.ended((await neo.submit({ task: 'x', agent_ids: [two.id, one.id] })).id)
    await neo.ended((await neo.submit({ task: 'x', agent_ids: [two.id], agent_id: one.id })).id)
    expect(models.calls.map(({ instructions }) => instructions)).toEqual(['two', 'one'])
  })

  test('has each of them found, or none acts', async () => {
    const { one } = await openWithAgents()
    const answer = await neo.create({ task: 'x', agent_ids: [one.id, 'nobody'] })
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'agent_not_found'])
    expect(await neo.world.deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })

  test('cannot have another agent go on with a task', async () => {
    const { one, two } = await openWithAgents()
    const { id } = await neo.submit({ task: 'x', agent_ids: [one.id] })
    const answer = await neo.create({ id, task: 'y', agent_ids: [two.id] })
    expect([answer.statusCode, answer.json().details]).toMatchObject([400, [{ field: 'agent_ids' }]])
    expect((await neo.create({ id, task: 'y', agent_ids: [two.id, one.id], response_format: 'json' })).statusCode).toBe(
      202,
    )
  })

  test('by an empty list names nobody else', async () => {
    await openWithAgents()
    const { id } = await neo.submit({ task: 'x', agent_ids: [] })
    expect((await neo.read(id)).stream.run_config).toMatchObject({ agent_id: null, agent_ids: [] })
  })
})
