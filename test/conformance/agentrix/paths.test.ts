import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix({ started: false })
})
afterEach(() => world.close())

describe('the paths', () => {
  test('are the documented ones and the same under the mount', async () => {
    const { call, chat, agentId } = world
    const members = [{ memberCode: agentId, type: 'agent' }]
    const body = { chatId: chat.id, cloudId: 'cloud-default', message: { role: 'user', content: 'say hi' } }
    for (const mount of ['', '/agentrix']) {
      expect((await call('POST', `${mount}/v1/agentrix/chats`, { members })).json()).toEqual(chat)
      const { taskId } = (await call('POST', `${mount}/v1/agentrix/tasks/start`, body)).json()
      for (const path of ['chats', `chats/${chat.id}`, 'tasks', `tasks/${taskId}`, `tasks/${taskId}/events`]) {
        expect((await call('GET', `${mount}/v1/${path}`)).statusCode, `${mount} ${path}`).toBe(200)
      }
      const { shareCode } = (await call('POST', `${mount}/v1/agentrix/tasks/${taskId}/share`)).json()
      expect((await world.app.inject({ url: `${mount}/v1/auth/share?code=${shareCode}` })).statusCode).toBe(200)
      for (const verb of ['stop', 'resume', 'cancel']) {
        expect((await call('POST', `${mount}/v1/tasks/${taskId}/${verb}`)).statusCode, verb).toBe(200)
      }
    }
  })

  test('speak Agentrix without a key, natively with a native one, and Agentrix with any key under the mount', async () => {
    const { app, admin, call } = world
    expect((await app.inject({ url: '/v1/tasks' })).json()).toMatchObject({ code: 'UNAUTHORIZED' })
    expect((await call('GET', '/v1/tasks')).json()).toMatchObject({ tasks: [], hasMore: false })
    expect((await app.inject({ url: '/v1/tasks', headers: admin.headers })).json()).toMatchObject({ has_more: false })
    const mounted = await app.inject({ url: '/agentrix/v1/tasks', headers: admin.headers })
    expect(mounted.json()).toMatchObject({ hasMore: false })
  })

  test('show ids in their forms, and understand them bare too', async () => {
    const { call, chat, agent, start } = world
    const bare = { chatId: chat.id.replace('chat-', ''), cloudId: 'default', agentId: agent.id }
    const task = await start('say hi', bare)
    expect(task).toMatchObject({ chatId: chat.id, cloudId: 'cloud-default', agentId: `agent-${agent.id}` })
    const read = await call('GET', `/v1/tasks/${task.taskId.replace('task-', '')}`)
    expect(read.json()).toMatchObject({ taskId: task.taskId })
  })
})

describe('the OpenAPI document', () => {
  test('describes every path, what each may answer, and who may ask', async () => {
    const answer = await world.app.inject({ url: '/agentrix/openapi.json' })
    expect(answer.statusCode).toBe(200)
    const document = answer.json()
    expect(document).toMatchObject({
      openapi: '3.1.0',
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    })
    const paths = Object.entries<Record<string, { responses: object; security?: unknown[] }>>(document.paths)
    expect(
      paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).sort(),
    ).toEqual([
      'get /v1/auth/share',
      'get /v1/chats',
      'get /v1/chats/{chatId}',
      'get /v1/tasks',
      'get /v1/tasks/{taskId}',
      'get /v1/tasks/{taskId}/events',
      'get /v1/tasks/{taskId}/events/meta',
      'post /v1/agentrix/chats',
      'post /v1/agentrix/tasks/start',
      'post /v1/agentrix/tasks/{taskId}/share',
      'post /v1/tasks/{taskId}/cancel',
      'post /v1/tasks/{taskId}/events/fill',
      'post /v1/tasks/{taskId}/messages',
      'post /v1/tasks/{taskId}/resume',
      'post /v1/tasks/{taskId}/stop',
    ])
    expect(document.paths['/v1/auth/share'].get.security).toEqual([])
    for (const [path, methods] of paths) {
      for (const { responses } of Object.values(methods)) {
        const statuses = path === '/v1/auth/share' ? ['400', '500'] : ['400', '401', '500']
        expect(Object.keys(responses), path).toEqual(expect.arrayContaining(statuses))
      }
    }
  })
})
