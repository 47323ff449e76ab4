import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix()
})
afterEach(() => world.close())

const path = '/v1/agentrix/tasks/start'
const message = (content: string) => ({ role: 'user', content })

test('a sub-task works on a copy of the files of its parent', async () => {
  const { start, reaches, call, chat } = world
  const parent = await start('write one two three to notes.txt')
  await reaches(parent.taskId, 'completed')
  const body = { chatId: chat.id, parentTaskId: parent.taskId, message: message('count the words in notes.txt') }
  const child = (await call('POST', path, body)).json()
  const done = await reaches(child.taskId, 'completed')
  expect(done.result).toContain('3')
  const grandchild = (await call('POST', path, { ...body, parentTaskId: child.taskId })).json()
  expect(await reaches(grandchild.taskId, 'completed')).toMatchObject({
    parentTaskId: child.taskId,
    rootTaskId: parent.taskId,
    cloudId: 'cloud-default',
  })
})

test('a sub-task without a message is given that of its parent', async () => {
  const { start, reaches, call, chat } = world
  const parent = await start('say hello')
  const child = (await call('POST', path, { chatId: chat.id, parentTaskId: parent.taskId })).json()
  const [own, inherited] = [await reaches(parent.taskId, 'completed'), await reaches(child.taskId, 'completed')]
  expect(inherited.result).toBe(own.result)
})

test('cancelling a task cancels its sub-tasks, which takes no more of them', async () => {
  const { start, call, chat, reaches } = world
  const parent = await start('wait 60 seconds')
  const body = { chatId: chat.id, parentTaskId: parent.taskId, message: message('wait 60 seconds') }
  const child = (await call('POST', path, body)).json()
  await reaches(child.taskId, 'running')
  expect((await call('POST', `/v1/tasks/${parent.taskId}/cancel`)).json()).toMatchObject({ state: 'cancelled' })
  expect((await call('GET', `/v1/tasks/${child.taskId}`)).json()).toMatchObject({ state: 'cancelled' })
  const refused = await call('POST', path, body)
  expect([refused.statusCode, refused.json().code]).toEqual([409, 'TASK_ENDED'])
})

test("a parent that is not there, is not the caller's or was started elsewhere is 404", async () => {
  const { call, callAs, addCaller, chat, agentId, runNative, start } = world
  const other = callAs(await addCaller('operator', { dialect: 'agentrix' }))
  const theirChat = (
    await other('POST', '/v1/agentrix/chats', { members: [{ memberCode: agentId, type: 'agent' }] })
  ).json()
  const own = await start('say hi')
  const native = await runNative('say hi')
  const answers = [
    await call('POST', path, { chatId: chat.id, parentTaskId: 'task-xxx' }),
    await call('POST', path, { chatId: chat.id, parentTaskId: `task-${native}` }),
    await other('POST', path, { chatId: theirChat.id, parentTaskId: own.taskId }),
  ]
  for (const answer of answers) {
    expect([answer.statusCode, answer.json()]).toEqual([
      404,
      { code: 'TASK_NOT_FOUND', error: 'not_found', message: 'Task not found' },
    ])
  }
})

test('a sub-task is in the chat of its parent, and in no other', async () => {
  const { call, agentId, start } = world
  const parent = await start('say hi')
  const members = [{ memberCode: agentId, type: 'agent' }]
  const group = (await call('POST', '/v1/agentrix/chats', { type: 'group', members })).json()
  const answer = await call('POST', path, { chatId: group.id, parentTaskId: parent.taskId })
  expect(answer.statusCode).toBe(400)
  expect(answer.json().details).toEqual([{ field: 'chatId', message: 'must be the chat of the parent task' }])
})
