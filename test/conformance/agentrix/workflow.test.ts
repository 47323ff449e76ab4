import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { StartedTask } from '../../../src/api/dialects/agentrix/contract/task.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
const pushed = createPushedModels()
beforeEach(async () => {
  world = await openAgentrix({ models: pushed.models })
})
afterEach(() => world.close())

describe('the workflow', () => {
  test('goes from the chat over the start to the result, watched by polling and on a WebSocket at once', async () => {
    const { chat, caller, reaches } = world
    const address = await world.listen()
    const post = async (path: string, body: object) => {
      const headers = { ...caller.headers, 'content-type': 'application/json' }
      const answer = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      const started = (await answer.json()) as StartedTask
      return { status: answer.status, body: started }
    }
    const message = { role: 'user', content: 'Explain how async/await works in JavaScript' }
    const started = await post('/v1/agentrix/tasks/start', { chatId: chat.id, cloudId: 'cloud-default', message })
    expect(started).toMatchObject({ status: 201, body: { state: 'pending', chatId: chat.id } })
    const { taskId } = started.body
    await reaches(taskId, 'running')
    const socket = new WebSocket(`${address.replace('http', 'ws')}/v1/tasks/${taskId}/events`, {
      headers: caller.headers,
    })
    const sequences: number[] = []
    const closed = new Promise((resolve) => {
      socket.on('message', (data) => sequences.push(JSON.parse(String(data)).sequence))
      socket.on('close', resolve)
    })
    await new Promise((resolve) => {
      socket.once('message', resolve)
    })
    pushed.say('It waits without blocking.')
    pushed.end()
    expect(await reaches(taskId, 'completed')).toMatchObject({ result: 'It waits without blocking.' })
    expect(await closed).toBe(1000)
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, at) => at))
    const meta = await world.call('GET', `/v1/tasks/${taskId}/events/meta`)
    expect(sequences.at(-1)).toBe(meta.json().latestSequence)
  })
})
