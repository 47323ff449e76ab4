import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix()
})
afterEach(() => world.close())

const share = (taskId: string, body?: object) => world.call('POST', `/v1/agentrix/tasks/${taskId}/share`, body)
const view = (query: string) => world.app.inject({ url: `/v1/auth/share?${query}` })

describe('sharing a task', () => {
  test('answers 201 with a code that shows the task and its events to whoever has it', async () => {
    const { taskId } = await world.start('say hello')
    const task = await world.reaches(taskId, 'completed')
    const shared = await share(taskId)
    expect([shared.statusCode, Object.keys(shared.json())], shared.body).toEqual([201, ['shareCode']])
    const { shareCode } = shared.json()
    const shown = await view(`code=${shareCode}`)
    const page = (await world.call('GET', `/v1/tasks/${taskId}/events`)).json()
    const permissions = {
      canSendMessage: false,
      canCreatePr: false,
      canApprovePr: false,
      canViewPr: true,
      canMergePr: false,
    }
    // Whose task it is, is not what a link shows.
    const linked = { ...task, userId: null }
    expect([shown.statusCode, shown.json()]).toEqual([200, { shareCode, taskId, permissions, task: linked, ...page }])
    const older = await view(`code=${shareCode}&before=2&limit=1`)
    expect(older.json()).toMatchObject({ events: [{ sequence: 1 }], hasMore: true })
  })

  test('again gives the same code with the permissions that were asked for last', async () => {
    const { taskId } = await world.start('say hello')
    const first = (await share(taskId)).json().shareCode
    const second = await share(taskId, { permissions: { canSendMessage: true, canViewPr: false } })
    expect([second.statusCode, second.json()]).toEqual([201, { shareCode: first }])
    expect((await view(`code=${first}`)).json().permissions).toMatchObject({
      canSendMessage: true,
      canViewPr: false,
      canMergePr: false,
    })
  })

  test.each([
    { permissions: { canViewPr: 'yes' } },
    { permissions: { canMergePr: 1 } },
    { permissions: [] },
    { permissions: 'all' },
  ])('%j is 400', async (body) => {
    const { taskId } = await world.start('say hello')
    const answer = await share(taskId, body)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
  })
})

describe('an unknown code', () => {
  test('is 404, and none at all 400', async () => {
    const unknown = await view(`code=${'0'.repeat(32)}`)
    expect([unknown.statusCode, unknown.json()]).toEqual([
      404,
      { code: 'SHARE_NOT_FOUND', error: 'not_found', message: 'Share not found' },
    ])
    const none = await view('')
    expect([none.statusCode, none.json().code]).toEqual([400, 'INVALID_REQUEST'])
  })
})
