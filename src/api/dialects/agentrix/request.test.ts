import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../../test/support/create-engine-world.ts'
import { sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import type { Chat } from '../../../domain/chat.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { Place } from '../../../domain/task.ts'
import { fullyShown } from '../../../engine/access/read-task.ts'
import { cancelRun } from '../../../engine/commands/cancel-run.ts'
import { createChat } from '../../../engine/commands/create-chat.ts'
import { purgeTask } from '../../../engine/commands/purge-task.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { parentOf } from '../../../engine/submission/parent-task.ts'
import type { StartTaskBody } from './contract/start-task.ts'
import { type TaskExtension, writeExtension } from './extension.ts'
import { readStart, readTask } from './request.ts'

let world: EngineWorld
let chat: Chat
let withoutAgents: Chat
beforeAll(async () => {
  world = await createEngineWorld()
  const agent = { type: 'agent', memberId: 'agent-1' } as const
  chat = await createChat(world.deps, world.owner, { type: 'direct', members: [agent] })
  withoutAgents = await createChat(world.deps, world.owner, { type: 'group', members: [] })
})
afterAll(() => world.close())

const read = (body: Partial<StartTaskBody>) => readStart(world.deps, world.owner, { chatId: chat.id, ...body })

const input = { text: 'do it' }
const message = { role: 'user' as const, content: 'do it' }
const cloud = { cloudId: 'cloud-default', message }
const local = { machineId: 'machine-m1', encryptedMessage: 'AQID', dataEncryptionKey: 'a2V5' }

const noSource = {
  repositoryId: null,
  baseBranch: null,
  repositorySourceType: 'temporary' as const,
  userCwd: null,
  forceUserCwd: null,
}

interface Changes {
  readonly source?: object
  readonly kept?: Partial<TaskExtension>
  readonly submit?: Partial<SubmitTask>
}

/** The request of a message in a cloud, with these changes. The source is kept with the task and with its run. */
function expected({ source = {}, kept = {}, submit = {} }: Changes) {
  const runExtension = { ...noSource, ...source }
  return {
    input,
    place: 'cloud:default',
    dialect: 'agentrix',
    agentId: 'agent-1',
    extension: writeExtension({ chatId: chat.id, customTitle: null, ...runExtension, ...kept }),
    runExtension,
    ...submit,
  }
}

const onMachine: Partial<SubmitTask> = {
  place: 'machine:m1',
  input: { sealed: new Uint8Array([1, 2, 3]), mediaType: 'application/octet-stream' },
}
const key = { dataEncryptionKey: 'a2V5' }

test.each<[string, Partial<StartTaskBody>, Changes]>([
  ['a message in a cloud asks for nothing else, and gets the first agent of the chat', cloud, {}],
  ['an agent is requested', { ...cloud, agentId: 'agent-a2' }, { submit: { agentId: 'a2' } }],
  ['an agent may be named without its prefix', { ...cloud, agentId: 'a2' }, { submit: { agentId: 'a2' } }],
  [
    'a title of the user is kept, and is the title of the task',
    { ...cloud, customTitle: 'Mine' },
    { kept: { customTitle: 'Mine' }, submit: { title: 'Mine' } },
  ],
  [
    'a repository is one of a git server',
    { ...cloud, repositoryId: 'r1' },
    { source: { repositoryId: 'r1', repositorySourceType: 'git-server' } },
  ],
  ['a branch is kept', { ...cloud, baseBranch: 'main' }, { source: { baseBranch: 'main' } }],
  [
    'a type of the source goes before the one that follows from the repository',
    { ...cloud, repositoryId: 'r1', repositorySourceType: 'temporary' },
    { source: { repositoryId: 'r1' } },
  ],
  ['a task on a machine keeps the key of its message', local, { kept: key, submit: onMachine }],
  [
    'a directory on a machine is the source',
    { ...local, cwd: '/src' },
    { source: { userCwd: '/src', repositorySourceType: 'directory' }, kept: key, submit: onMachine },
  ],
  [
    'a repository goes before a directory',
    { ...local, cwd: '/src', repositoryId: 'r1' },
    {
      source: { userCwd: '/src', repositoryId: 'r1', repositorySourceType: 'git-server' },
      kept: key,
      submit: onMachine,
    },
  ],
  [
    'the directory itself can be forced',
    { ...local, forceUserCwd: true },
    { source: { forceUserCwd: true }, kept: key, submit: onMachine },
  ],
  [
    'the directory itself can be refrained from',
    { ...local, forceUserCwd: false },
    { source: { forceUserCwd: false }, kept: key, submit: onMachine },
  ],
])('%s', async (_fact, body, changes) => {
  expect(await read(body)).toEqual(expected(changes))
})

test('an id of the chat may come with its prefix', async () => {
  expect(await read({ ...cloud, chatId: `chat-${chat.id}` })).toEqual(expected({}))
})

test('a data key is kept for a task on a machine only', async () => {
  expect((await read(cloud)).extension).not.toHaveProperty('dataEncryptionKey')
  expect((await read(local)).extension).toHaveProperty('dataEncryptionKey', 'a2V5')
})

/** A task in the chat that others can be a part of. */
async function startParent(kept: Partial<TaskExtension> = {}, submit: Partial<SubmitTask> = {}): Promise<TaskSnapshot> {
  const extension = writeExtension({ chatId: chat.id, customTitle: 'Parent', ...noSource, ...kept })
  return world.submit({ dialect: 'agentrix', input: { text: 'of the parent' }, extension, ...submit })
}

/** The request of a sub-task with a message, as `expected` but under this parent. */
const under = (parent: TaskSnapshot, { submit, ...changes }: Changes = {}) =>
  expected({ ...changes, submit: { parent: parentOf(fullyShown(parent)), ...submit } })

const source = {
  repositoryId: 'r1',
  baseBranch: 'main',
  repositorySourceType: 'directory' as const,
  userCwd: '/src',
  forceUserCwd: true,
}

describe('a sub-task', () => {
  test('takes from its parent the place and the source, and not the title and the data key', async () => {
    const parent = await startParent({ ...source, ...key })
    expect(await read({ parentTaskId: `task-${parent.task.id}`, message })).toEqual(under(parent, { source }))
  })

  test('runs on the machine of its parent', async () => {
    const place: Place = 'machine:m1'
    const extension = writeExtension({ chatId: chat.id, customTitle: null, ...noSource })
    const sample = sampleTask({ dialect: 'agentrix', ownerId: world.owner.userId, extension, place })
    await world.store.commit(submission(sample))
    const { id } = sample.task
    expect(await read({ parentTaskId: id, message })).toMatchObject({ place, input, parent: { id } })
  })

  test.each<[string, Partial<StartTaskBody>, object]>([
    [
      'repository, which is one of a git server',
      { repositoryId: 'r2' },
      { repositoryId: 'r2', repositorySourceType: 'git-server' },
    ],
    ['branch', { baseBranch: 'next' }, { baseBranch: 'next' }],
    ['type of its source', { repositorySourceType: 'temporary' }, { repositorySourceType: 'temporary' }],
  ])('may have its own %s', async (_fact, body, changes) => {
    const parent = await startParent(source)
    const request = await read({ parentTaskId: parent.task.id, message, ...body })
    expect(request).toEqual(under(parent, { source: { ...source, ...changes } }))
  })

  test('may have its own agent and title', async () => {
    const parent = await startParent()
    const request = await read({ parentTaskId: parent.task.id, message, agentId: 'agent-a2', customTitle: 'Part' })
    const submit = { agentId: 'a2', title: 'Part' }
    expect(request).toEqual(under(parent, { kept: { customTitle: 'Part' }, submit }))
  })

  test('without a message gets the one of its parent', async () => {
    const parent = await startParent()
    const submit = { input: { text: 'of the parent' } }
    expect(await read({ parentTaskId: parent.task.id })).toEqual(under(parent, { submit }))
  })

  test('without a message gets the encrypted one of its parent as it is', async () => {
    const sealed = { sealed: new Uint8Array([1, 2, 3]), mediaType: 'application/x-sealed' }
    const parent = await startParent({}, { input: sealed })
    const request = await read({ parentTaskId: parent.task.id })
    expect(request.input).toMatchObject({ mediaType: 'application/x-sealed' })
    expect('sealed' in request.input && [...request.input.sealed]).toEqual([1, 2, 3])
  })

  test('without a message is refused once the one of its parent is purged, and is taken with one', async () => {
    const parent = await startParent()
    await cancelRun(world.deps, world.owner, parent.task.id)
    const purged = await purgeTask(world.deps, world.owner, parent.task.id)
    await expect(read({ parentTaskId: parent.task.id })).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'The parent has no message to begin with.',
        fields: [{ field: 'message', message: "is needed: the parent's is no longer there" }],
      }),
    )
    expect(await read({ parentTaskId: parent.task.id, message })).toEqual(under(purged))
  })

  test('is refused in another chat than that of its parent', async () => {
    const parent = await startParent()
    await expect(read({ chatId: withoutAgents.id, parentTaskId: parent.task.id, message })).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'A sub-task is in the chat of its parent.',
        fields: [{ field: 'chatId', message: 'must be the chat of the parent task' }],
      }),
    )
  })

  test('is refused under a parent that its caller may read and not change', async () => {
    const parent = await startParent()
    const auditor = { ...world.owner, userId: 'user-2', role: 'auditor' as const }
    const body = { chatId: chat.id, parentTaskId: parent.task.id, message }
    await expect(readStart(world.deps, auditor, body)).rejects.toMatchObject({ code: 'role_forbidden' })
  })

  test('is refused under no task', async () => {
    await expect(read({ parentTaskId: 'task-none', message })).rejects.toMatchObject({ code: 'task_not_found' })
  })
})

describe('a start is refused', () => {
  test('without a mode', async () => {
    await expect(read({ message })).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'cloudId' }] })
  })

  test('in a chat that is none, or in which the caller takes no part', async () => {
    await expect(read({ ...cloud, chatId: 'chat-none' })).rejects.toMatchObject({ code: 'chat_not_found' })
    const other = { ...world.owner, userId: 'user-2' }
    const started = readStart(world.deps, other, { chatId: chat.id, ...cloud })
    await expect(started).rejects.toMatchObject({ code: 'chat_not_found' })
  })

  test('in a chat without an agent, unless it names one', async () => {
    const body = { ...cloud, chatId: withoutAgents.id }
    await expect(read(body)).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'The chat has no agent.',
        fields: [{ field: 'agentId', message: 'is needed: no agent takes part in the chat' }],
      }),
    )
    expect(await read({ ...body, agentId: 'agent-a2' })).toMatchObject({ agentId: 'a2' })
  })
})

describe('the task of a path', () => {
  test('is read with how much of it its reader is shown, with or without its prefix', async () => {
    const parent = await startParent()
    const shown = { ...parent, access: 'full' }
    expect(await readTask(world.deps, world.owner, `task-${parent.task.id}`)).toEqual(shown)
    expect(await readTask(world.deps, world.owner, parent.task.id)).toEqual(shown)
  })

  test('is not found where it is none, belongs to others, or was not started in a chat', async () => {
    const parent = await startParent()
    const native = await world.submit()
    const other = { ...world.owner, userId: 'user-2' }
    const notFound = expect.objectContaining({ code: 'task_not_found', message: 'There is no such task.' })
    await expect(readTask(world.deps, world.owner, 'task-none')).rejects.toThrow(notFound)
    await expect(readTask(world.deps, other, parent.task.id)).rejects.toThrow(notFound)
    await expect(readTask(world.deps, world.owner, native.task.id)).rejects.toThrow(notFound)
  })
})
