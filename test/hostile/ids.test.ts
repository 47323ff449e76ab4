import { afterEach, expect, test } from 'vitest'
import { submitTask } from '../../src/engine/commands/submit-task.ts'
import { type Caller, createWorld, type World } from '../support/create-world.ts'

const nil = '00000000-0000-0000-0000-000000000000'

let world: World
afterEach(() => world.close())

/** A task under the nil UUID, as no client can make one: whoever stands for "no id" by that value would reach it. */
async function openWithNilTask(dialect: 'certior' | 'neo' | 'shinzo' | 'xagent') {
  world = await createWorld({ started: false })
  const agentId = dialect === 'xagent' ? world.agent.id : null
  const caller = await world.addCaller('operator', { dialect, agentId })
  const { id: userId, teamId } = caller.user
  const principal = { userId, teamId, role: 'operator', dialect, agentId, keyId: null } as const
  const submit = { input: { text: 'say hi' }, agentId: world.agent.id, dialect, taskId: nil }
  await submitTask(world.deps, principal, submit)
  return caller
}

const stateOfNilTask = async () => (await world.deps.store.readSnapshot(nil))?.run.state

const nonsense: readonly [
  Parameters<typeof openWithNilTask>[0],
  'GET' | 'POST' | 'DELETE',
  (agent: string) => string,
][] = [
  ['certior', 'GET', () => '/api/v1/executions/nonsense'],
  ['certior', 'DELETE', () => '/api/v1/executions/nonsense'],
  ['certior', 'GET', () => '/api/v1/compliance/nonsense/export'],
  ['shinzo', 'GET', (agent) => `/agent/${agent}/task/nonsense`],
  ['shinzo', 'POST', (agent) => `/agent/${agent}/task/nonsense/cancel`],
  ['shinzo', 'POST', () => '/agent/nonsense/pause'],
  ['xagent', 'GET', () => '/v1/chat/tasks/nonsense'],
  ['xagent', 'GET', () => '/v1/chat/tasks/0'],
  ['neo', 'GET', () => '/api/v1/tasks/nonsense'],
]
test.each(nonsense)('%s %s: what is no id names nothing, whatever there is', async (dialect, method, path) => {
  const caller = await openWithNilTask(dialect)
  const answer = await world.call(method, path(world.agent.id), undefined, caller)
  expect(answer.statusCode, answer.body).toBe(404)
  expect(await stateOfNilTask()).toBe('queued')
})

test('shinzo: an agent that is named by what is no id is not the default agent', async () => {
  const caller = await openWithNilTask('shinzo')
  const answer = await world.call('POST', '/agent/request/nonsense', { message: 'say hi' }, caller)
  expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'AGENT_NOT_FOUND'])
})

test('neo: the nil UUID is no id of a task, so that the server makes one', async () => {
  world = await createWorld({ started: false })
  const caller: Caller = await world.addCaller('operator', { dialect: 'neo' })
  const body = { id: nil, task: 'say hi', response_format: 'json' }
  const answer = await world.call('POST', '/api/v1/tasks', body, caller)
  expect(answer.statusCode).toBe(202)
  expect(answer.json().id).not.toBe(nil)
  expect(await stateOfNilTask()).toBeUndefined()
})
