import { afterEach, describe, expect, test } from 'vitest'
import { createPushedModels } from '../../support/pushed-models.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { createScriptedTool } from '../../support/scripted-tool.ts'
import { until } from '../../support/until.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
const open = async (options?: Parameters<typeof openXagent>[0]) => {
  xagent = await openXagent(options)
  return xagent
}
afterEach(() => xagent.world.close())

interface StepView {
  id: string
  type: string
  status: string
  started_at: string
  completed_at: string | null
  data: Record<string, unknown>
}
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)

describe('the steps of a task', () => {
  test('are its messages, its thinking and its tool calls, in the order in which they began', async () => {
    const { submit, taskThatIs, steps, call, agentNumber } = await open()
    const id = await submit('write one two to a.txt then say done')
    await taskThatIs('completed', id)
    const list: StepView[] = await steps(id)
    expect(list.map(({ type, status, data }) => [type, status, data])).toEqual([
      ['message', 'completed', { role: 'user', content: 'write one two to a.txt then say done' }],
      ['thinking', 'completed', { phase: 'step' }],
      [
        'tool_call',
        'completed',
        { name: 'write_file', args: { path: 'a.txt', content: 'one two' }, result: expect.any(String) },
      ],
      ['thinking', 'completed', { phase: 'step' }],
      ['message', 'completed', { role: 'assistant', content: expect.stringContaining('done') }],
    ])
    for (const step of list) {
      expect(step).toEqual({
        id: expect.stringMatching(new RegExp(`^${step.type}:`, 'u')),
        type: step.type,
        status: 'completed',
        started_at: instant,
        completed_at: instant,
        data: step.data,
      })
    }
    expect(new Set(list.map((step) => step.id)).size).toBe(list.length)
    expect([...list].sort((a, b) => a.started_at.localeCompare(b.started_at))).toEqual(list)
    expect((await call('GET', `/v1/chat/tasks/${id}/steps`)).json()).toMatchObject({
      task_id: id,
      agent_id: agentNumber,
    })
  })

  test('are of the whole history: those of earlier turns stay', async () => {
    const { submit, append, taskThatIs, steps } = await open()
    const id = await submit('say one')
    await taskThatIs('completed', id)
    const before = await steps(id)
    await append(id, 'say two')
    await taskThatIs('completed', id)
    const after = await steps(id)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.length).toBe(before.length * 2)
  })

  test('are running while they have not ended', async () => {
    const tool = createScriptedTool(
      'hold',
      (_input, { signal }) =>
        new Promise<string>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
    )
    const models = createScriptedModels([{ calls: [{ tool: 'hold', input: { text: 'a' } }] }])
    const { submit, steps, coreTask, world, taskThatIs } = await open({ models, tools: [tool] })
    const id = await submit('hold on')
    const running = await until('the call to begin', async () =>
      (await steps(id)).find((step: StepView) => step.type === 'tool_call'),
    )
    expect(running).toMatchObject({
      id: 'tool_call:call-1',
      status: 'running',
      completed_at: null,
      data: { name: 'hold', args: { text: 'a' } },
    })
    await world.call('POST', `/mandate/v1/tasks/${(await coreTask(id)).task.id}/cancel`)
    await taskThatIs('failed', id)
    const cut = (await steps(id)).find((step: StepView) => step.type === 'tool_call')
    expect(cut).toMatchObject({ id: 'tool_call:call-1', status: 'failed', completed_at: instant })
    expect(cut.data.error).toEqual(expect.any(String))
  })

  test('show thinking that is under way', async () => {
    const pushed = createPushedModels()
    const { submit, steps, taskThatIs } = await open({ models: pushed.models })
    const id = await submit('think')
    const thinking = await until('the step to show', async () =>
      (await steps(id)).find((step: StepView) => step.type === 'thinking'),
    )
    expect(thinking).toMatchObject({ status: 'running', completed_at: null, data: { phase: 'step' } })
    pushed.say('done')
    pushed.end()
    await taskThatIs('completed', id)
    expect((await steps(id)).filter((step: StepView) => step.status !== 'completed')).toEqual([])
  })

  test('carry the error of a call that failed or was denied, and of thinking that failed only the status', async () => {
    const { submit, taskThatIs, steps } = await open()
    const id = await submit('read missing.txt')
    await taskThatIs('completed', id)
    const call = (await steps(id)).find((step: StepView) => step.type === 'tool_call')
    expect(call).toMatchObject({
      status: 'failed',
      data: { name: 'read_file', error: expect.stringContaining('missing') },
    })
    expect(call.data).not.toHaveProperty('result')
    const failing = await submit('fail for good')
    await taskThatIs('failed', failing)
    expect((await steps(failing)).at(-1)).toMatchObject({ type: 'thinking', status: 'failed', data: { phase: 'step' } })
  })
})
