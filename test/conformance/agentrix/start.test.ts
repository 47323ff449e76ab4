import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix({ started: false })
})
afterEach(() => world.close())

const path = '/v1/agentrix/tasks/start'
const responseFields = [
  'taskId',
  'chatId',
  'agentId',
  'userId',
  'state',
  'machineId',
  'cloudId',
  'repositoryId',
  'baseBranch',
  'title',
  'customTitle',
  'userCwd',
  'forceUserCwd',
  'createdAt',
  'updatedAt',
]
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u
const message = (content: string) => ({ role: 'user', content })

describe("the document's examples", () => {
  test('a cloud task with a repository is started, and answers with all fields in their types', async () => {
    const { call, chat, agentId, caller } = world
    const answer = await call('POST', path, {
      chatId: chat.id,
      cloudId: 'cloud-default',
      message: message('Fix the authentication bug in login.ts'),
      customTitle: 'Fix login bug',
      repositoryId: 'repo-xxx',
      baseBranch: 'develop',
    })
    expect(answer.statusCode, answer.body).toBe(201)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    const task = answer.json()
    expect(Object.keys(task)).toEqual(responseFields)
    expect(task).toEqual({
      taskId: expect.stringMatching(/^task-[0-9a-f-]{36}$/u),
      chatId: chat.id,
      agentId,
      userId: `user-${caller.user.id}`,
      state: 'pending',
      machineId: null,
      cloudId: 'cloud-default',
      repositoryId: 'repo-xxx',
      baseBranch: 'develop',
      title: null,
      customTitle: 'Fix login bug',
      userCwd: null,
      forceUserCwd: null,
      createdAt: expect.stringMatching(instant),
      updatedAt: expect.stringMatching(instant),
    })
  })

  test('a sub-task is started, in the chat and the place of its parent', async () => {
    const { call, chat, start } = world
    const parent = await start('Fix the authentication bug in login.ts', { repositoryId: 'repo-1', baseBranch: 'dev' })
    const answer = await call('POST', path, {
      chatId: chat.id,
      parentTaskId: parent.taskId,
      message: message('Add unit tests for the fixed code'),
      customTitle: 'Add tests',
    })
    expect(answer.statusCode, answer.body).toBe(201)
    expect(Object.keys(answer.json())).toEqual(responseFields)
    expect(answer.json()).toMatchObject({
      chatId: chat.id,
      state: 'pending',
      machineId: null,
      cloudId: 'cloud-default',
      repositoryId: 'repo-1',
      baseBranch: 'dev',
      customTitle: 'Add tests',
    })
    const read = (await call('GET', `/v1/tasks/${answer.json().taskId}`)).json()
    expect(read).toMatchObject({ parentTaskId: parent.taskId, rootTaskId: parent.taskId })
  })

  test('a simple cloud task is started', async () => {
    const { call, chat } = world
    const content = 'Explain how async/await works in JavaScript'
    const answer = await call('POST', path, { chatId: chat.id, cloudId: 'cloud-default', message: message(content) })
    expect(answer.statusCode, answer.body).toBe(201)
    expect(Object.keys(answer.json())).toEqual(responseFields)
    expect(answer.json()).toMatchObject({
      title: content,
      customTitle: null,
      repositoryId: null,
      baseBranch: null,
      machineId: null,
    })
  })

  test('an invalid request is 400 in the form of the document', async () => {
    const answer = await world.call('POST', path, {})
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({
      code: 'INVALID_REQUEST',
      error: 'validation_error',
      message: 'Invalid request parameters',
      details: [{ field: 'chatId', message: expect.stringMatching(/^is needed/u) }],
    })
  })

  test('a missing and a wrong key are 401, byte by byte as in the document', async () => {
    const documented = JSON.stringify({
      code: 'UNAUTHORIZED',
      error: 'unauthorized',
      message: 'Invalid or missing API key',
    })
    for (const headers of [
      {},
      { authorization: 'Bearer YOUR_API_KEY' },
      { authorization: `Bearer agx_${'x'.repeat(56)}` },
    ]) {
      const answer = await world.app.inject({ method: 'POST', url: path, headers, payload: { chatId: 'chat-xxx' } })
      expect([answer.statusCode, answer.body]).toEqual([401, documented])
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  test('an unknown chat is 404, byte by byte as in the document, and so is the chat of somebody else', async () => {
    const { addCaller, callAs, agentId, call } = world
    const other = callAs(await addCaller('operator', { dialect: 'agentrix' }))
    const members = [{ memberCode: agentId, type: 'agent' }]
    const theirs = (await other('POST', '/v1/agentrix/chats', { members })).json().id
    const documented = JSON.stringify({ code: 'CHAT_NOT_FOUND', error: 'not_found', message: 'Chat not found' })
    for (const chatId of ['chat-xxx', theirs]) {
      const body = { chatId, cloudId: 'cloud-default', message: message('say hi') }
      const answer = await call('POST', path, body)
      expect([answer.statusCode, answer.body]).toEqual([404, documented])
    }
  })
})

describe('exactly one mode', () => {
  const local = { machineId: 'machine-1', encryptedMessage: 'AAAA', dataEncryptionKey: 'a2V5' }
  const cloud = { cloudId: 'cloud-default', message: message('say hi') }
  test.each([
    ['none', {}, ['cloudId']],
    ['a message alone', { message: message('say hi') }, ['cloudId']],
    ['an encrypted message without a machine', { encryptedMessage: 'AAAA', dataEncryptionKey: 'a2V5' }, ['cloudId']],
    ['cloud and local', { ...cloud, ...local }, ['cloudId', 'machineId']],
    ['cloud and sub-task', { ...cloud, parentTaskId: 'task-1' }, ['cloudId', 'parentTaskId']],
    ['local and sub-task', { ...local, parentTaskId: 'task-1' }, ['machineId', 'parentTaskId']],
    ['cloud without a message', { cloudId: 'cloud-default' }, ['message']],
    ['cloud with what is for machines', { ...cloud, cwd: '/tmp', forceUserCwd: true }, ['cwd', 'forceUserCwd']],
    ['cloud with an encrypted message', { ...cloud, encryptedMessage: 'AAAA' }, ['encryptedMessage']],
    ['a sub-task with a directory', { parentTaskId: 'task-1', cwd: '/tmp' }, ['cwd']],
    ['local without its message and key', { machineId: 'machine-1' }, ['encryptedMessage', 'dataEncryptionKey']],
    ['local with a readable message', { ...local, message: message('say hi') }, ['message']],
  ])('%s is 400 and named', async (_, body, fields) => {
    const { call, chat, deps } = world
    const answer = await call('POST', path, { chatId: chat.id, ...body })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
    expect(answer.json().details.map((detail: { field: string }) => detail.field)).toEqual(fields)
    expect(await deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })
})

describe('every field', () => {
  const cloud = () => ({ chatId: world.chat.id, cloudId: 'cloud-default', message: message('say hi') })
  test.each([
    ['chatId', { chatId: 5 }],
    ['chatId', { chatId: '' }],
    ['cloudId', { cloudId: '' }],
    ['message', { message: 'say hi' }],
    ['message.role', { message: { role: 'assistant', content: 'x' } }],
    ['message.role', { message: { content: 'x' } }],
    ['message.content', { message: { role: 'user' } }],
    ['message.content', { message: { role: 'user', content: '' } }],
    ['message.content', { message: { role: 'user', content: 'x'.repeat(1_000_001) } }],
    ['customTitle', { customTitle: '' }],
    ['customTitle', { customTitle: 'x'.repeat(201) }],
    ['agentId', { agentId: 7 }],
    ['repositoryId', { repositoryId: 7 }],
    ['baseBranch', { baseBranch: 'x'.repeat(256) }],
    ['repositorySourceType', { repositorySourceType: 'svn' }],
    ['encryptedMessage', { machineId: 'machine-1', encryptedMessage: 'not base64', dataEncryptionKey: 'a2V5' }],
    ['encryptedMessage', { machineId: 'machine-1', encryptedMessage: 'AAA', dataEncryptionKey: 'a2V5' }],
    ['dataEncryptionKey', { machineId: 'machine-1', encryptedMessage: 'AAAA', dataEncryptionKey: 'a' }],
    ['cwd', { machineId: 'machine-1', cwd: 7 }],
    ['forceUserCwd', { machineId: 'machine-1', forceUserCwd: 'yes' }],
  ])('%s out of its range is 400 and named: %j', async (field, over) => {
    const answer = await world.call('POST', path, { ...cloud(), ...over })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
    expect(answer.json().message).toBe('Invalid request parameters')
    expect(answer.json().details).toContainEqual({ field, message: expect.stringMatching(/^(must|is) /u) })
  })

  test('a title of 1 and of 200 characters is taken, and is the title of the task everywhere', async () => {
    for (const customTitle of ['x', 'é'.repeat(200)]) {
      const { taskId } = await world.start('say hi', { customTitle })
      const stored = await world.deps.store.readTask(taskId.replace('task-', ''))
      expect(stored?.title).toBe(customTitle)
    }
  })

  test('the first agent of the chat runs the task, or the one that is named', async () => {
    const { call, start, agent, agentId, deps } = world
    const second = { ...agent, id: deps.randomness.newId(), name: 'second' }
    await deps.store.commit({ write: [{ kind: 'insert_agent', agent: second }] })
    const members = [
      { memberCode: `agent-${second.id}`, type: 'agent' },
      { memberCode: agentId, type: 'agent' },
    ]
    const chat = (await call('POST', '/v1/agentrix/chats', { members })).json()
    expect(await start('say hi', { chatId: chat.id })).toMatchObject({ agentId: `agent-${second.id}` })
    expect(await start('say hi', { chatId: chat.id, agentId })).toMatchObject({ agentId })
    const unknown = { ...cloud(), agentId: 'agent-nobody' }
    const refused = await call('POST', path, unknown)
    expect([refused.statusCode, refused.json().code]).toEqual([404, 'AGENT_NOT_FOUND'])
  })

  test('the source of the repository is kept, frozen with the run and shown when the task is read', async () => {
    const { start, call, deps } = world
    const cases = [
      [{}, 'temporary'],
      [{ repositoryId: 'repo-1' }, 'git-server'],
      [{ repositorySourceType: 'directory' }, 'directory'],
      [{ repositoryId: 'repo-1', repositorySourceType: 'temporary' }, 'temporary'],
    ] as const
    for (const [over, repositorySourceType] of cases) {
      const { taskId } = await start('say hi', over)
      expect((await call('GET', `/v1/tasks/${taskId}`)).json()).toMatchObject({ repositorySourceType })
      const stored = await deps.store.readSnapshot(taskId.replace('task-', ''))
      expect(stored?.run.config.extension).toMatchObject({ repositorySourceType })
    }
  })

  test('an unknown pool is 404, and an unknown machine too once its request is valid', async () => {
    const { call, chat } = world
    const pool = await call('POST', path, { ...cloud(), cloudId: 'cloud-xxx' })
    expect([pool.statusCode, pool.json()]).toEqual([
      404,
      { code: 'CLOUD_NOT_FOUND', error: 'not_found', message: 'Cloud not found' },
    ])
    const machine = await call('POST', path, {
      chatId: chat.id,
      machineId: 'machine-1',
      encryptedMessage: 'c2VhbGVk',
      dataEncryptionKey: 'a2V5',
      cwd: '/home/ada/project',
      forceUserCwd: true,
    })
    expect([machine.statusCode, machine.json()]).toEqual([
      404,
      { code: 'MACHINE_NOT_FOUND', error: 'not_found', message: 'Machine not found' },
    ])
  })
})
