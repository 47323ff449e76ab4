import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../../test/support/create-engine-world.ts'
import type { Principal } from '../../../domain/principal.ts'
import { submitTask } from '../../../engine/commands/submit-task.ts'
import { readXagentTask, resolveAgent, wrongKey } from './access.ts'

let world: EngineWorld
beforeAll(async () => {
  world = await createEngineWorld()
})
afterAll(() => world.close())

/** The caller with a key of this dialect that is bound to the agent. */
const holder = (over: Partial<Principal> = {}): Principal => ({
  ...world.owner,
  dialect: 'xagent',
  agentId: 'agent-1',
  keyId: 'key-1',
  ...over,
})
const refused = { code: 'unauthenticated', message: 'This is not the key of an agent.' }
const notFound = { code: 'task_not_found', message: 'There is no such task.' }
const submit = (principal: Principal, dialect: 'xagent' | 'native' = 'xagent') =>
  submitTask(world.deps, principal, { input: { text: 'do it' }, agentId: 'agent-1', dialect })

test('a key has the agent that it is bound to', async () => {
  expect(await resolveAgent(world.deps, holder())).toMatchObject({ id: 'agent-1' })
})

test.each<[string, Partial<Principal>]>([
  ['of another dialect', { dialect: 'native' }],
  ['that is bound to no agent', { agentId: null }],
  ['whose agent is gone', { agentId: 'agent-none' }],
])('a key %s is refused like none at all', async (_fact, over) => {
  await expect(resolveAgent(world.deps, holder(over))).rejects.toThrow(expect.objectContaining(refused))
})

test('another failure than that of the agent is not hidden', async () => {
  const failure = new Error('the disk is gone')
  const store = { ...world.store, readAgent: () => Promise.reject(failure) }
  await expect(resolveAgent({ ...world.deps, store }, holder())).rejects.toBe(failure)
})

test('the refusal of a key keeps its cause, where there is one', () => {
  const cause = new Error('gone')
  expect(wrongKey(cause)).toMatchObject({ ...refused, cause })
  expect(wrongKey()).toMatchObject(refused)
  expect(wrongKey()).not.toHaveProperty('cause')
})

test('a task is read by its number', async () => {
  const { task, run } = await submit(holder())
  expect(await readXagentTask(world.deps, holder(), String(task.number))).toMatchObject({ task, run })
})

test('a task is read with another key of its user', async () => {
  const { task } = await submit(holder())
  const read = await readXagentTask(world.deps, holder({ keyId: 'key-2' }), String(task.number))
  expect(read.task.id).toBe(task.id)
})

test('a task of the user of the agent is read with the key that it was submitted with, and with no other', async () => {
  const other = holder({ userId: 'user-2', keyId: 'key-3', role: 'admin' })
  const request = { input: { text: 'do it' }, agentId: 'agent-1', dialect: 'xagent', ownedBy: 'agent_user' } as const
  const { task } = await submitTask(world.deps, other, request)
  expect(task.ownerId).toBe(world.owner.userId)
  const name = String(task.number)
  expect((await readXagentTask(world.deps, other, name)).task.id).toBe(task.id)
  const withAnother = readXagentTask(world.deps, { ...other, keyId: 'key-4' }, name)
  await expect(withAnother).rejects.toThrow(expect.objectContaining(notFound))
})

test('a task of another dialect, of another user or of no such number is not found', async () => {
  const { number } = (await submit(holder())).task
  const native = (await submit(holder(), 'native')).task
  const auditor = holder({ userId: 'user-2', keyId: 'key-2', role: 'auditor' })
  const stranger = holder({ userId: 'user-2', keyId: 'key-2' })
  for (const [principal, name] of [
    [holder(), String(native.number)],
    [auditor, String(number)],
    [stranger, String(number)],
    [holder(), '999999'],
  ] as const) {
    await expect(readXagentTask(world.deps, principal, name)).rejects.toThrow(expect.objectContaining(notFound))
  }
})

test.each([
  ['a text', () => 'x'],
  ['nothing', () => ''],
  ['a sign before the number', (number: number) => `+${number}`],
  ['a zero before the number', (number: number) => `0${number}`],
  ['a fraction', (number: number) => `${number}.0`],
  ['a space after the number', (number: number) => `${number} `],
  ['more digits than a number has', () => '1'.repeat(16)],
])('a path with %s names no task', async (_fact, name) => {
  const { number } = (await submit(holder())).task
  await expect(readXagentTask(world.deps, holder(), name(number))).rejects.toThrow(expect.objectContaining(notFound))
})
