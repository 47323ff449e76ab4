import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { watchCommits } from '../../../test/support/watch-commits.ts'
import type { EventKind } from '../../domain/event.ts'
import { Refusal } from '../../domain/refusal.ts'
import { parentOf } from '../submission/parent-task.ts'
import { cancelRun } from './cancel-run.ts'
import { type SubmitTask, submitTask } from './submit-task.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}, isStarted = false): Promise<void> {
  world = await createEngineWorld(options)
  if (isStarted) await world.deps.dispatcher.start()
}

/** Opens a world; the list gets the kinds of the events of each commit from then on. */
async function watched(isStarted = false) {
  const commits: (readonly EventKind[])[] = []
  const before = (kinds: readonly EventKind[]) => {
    commits.push(kinds)
  }
  await open({ wrapStore: (store) => watchCommits(store, { before }) }, isStarted)
  commits.length = 0
  return commits
}

const kindsOf = async (taskId: string) => (await world.events(taskId)).map(({ kind }) => kind)

test('a task, its run, its message and its place in the queue are one commit', async () => {
  const commits = await watched()
  const { task, run } = await world.submit()
  expect(commits).toHaveLength(1)
  expect(await kindsOf(task.id)).toEqual(['task.submitted', 'message.added', 'run.queued'])
  expect(await world.store.readSnapshot(task.id)).toEqual({ task, run })
  expect(run.state).toBe('queued')
})

test('where a slot is free the same commit claims the run and starts its first step', async () => {
  const commits = await watched(true)
  const { task, run } = await world.submit()
  expect(run).toMatchObject({ state: 'running', attempt: 1 })
  expect(commits[0]).toEqual(['task.submitted', 'message.added', 'run.queued', 'run.claimed', 'step.started'])
  await world.attemptEnded(run.id)
  expect((await kindsOf(task.id)).at(-1)).toBe('run.succeeded')
})

test('a run that is not due yet is not claimed', async () => {
  await open({}, true)
  const { run } = await world.submit({ notBefore: world.clock.now() + 1 })
  expect(run.state).toBe('queued')
})

test('a submit that fails gives its slot back and forgets the key that came with it', async () => {
  let isBroken = false
  const before = () => {
    if (isBroken) throw new Refusal('storage_unavailable', 'the disk is full', { retryAfterMs: 1_000 })
  }
  await open({ wrapStore: (store) => watchCommits(store, { before }), limits: { runs_running_max: 1 } }, true)
  isBroken = true
  await expect(world.submit({ modelKey: 'sk-1' })).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(world.deps.runKeys.size).toBe(0)
  isBroken = false
  const { run } = await world.submit()
  expect(run.state).toBe('running')
  await world.attemptEnded(run.id)
})

test.each<[string, Partial<SubmitTask>, string]>([
  ['an agent that is not there', { agentId: 'no-such-agent' }, 'agent_not_found'],
  ['a text that is no id of an agent', { agentId: undefined }, 'agent_not_found'],
  ['a pool that is not there', { place: 'pool:gpu' as never }, 'pool_not_found'],
  ['a machine that is not there', { place: 'machine:1' as never }, 'machine_not_found'],
  ['a model that is not there', { model: 'no-such-model' }, 'model_unknown'],
  ['a policy that is not there', { policy: 'no-such-policy' }, 'policy_not_found'],
  [
    'a webhook that is no web address',
    { webhook: { url: 'ftp://hooks.example.com/', format: 'standard' } },
    'invalid_input',
  ],
])('%s is refused, and nothing is written', async (_, request, code) => {
  const commits = await watched()
  await expect(world.submit(request)).rejects.toMatchObject({ code })
  expect(commits).toEqual([])
})

test('a role that may not submit is refused', async () => {
  await open()
  const viewer = { ...world.owner, role: 'viewer' as const }
  const request: SubmitTask = { input: { text: 'x' }, agentId: null, dialect: 'native' }
  await expect(submitTask(world.deps, viewer, request)).rejects.toMatchObject({ code: 'role_forbidden' })
})

test('an id that a client chose makes one task', async () => {
  await open()
  const taskId = '0199b000-0000-7000-8000-00000000abcd'
  expect((await world.submit({ taskId })).task.id).toBe(taskId)
  await expect(world.submit({ taskId })).rejects.toMatchObject({ code: 'task_busy' })
})

test('a task without a title has the beginning of its message', async () => {
  await open()
  expect((await world.submit({ input: { text: 'Count the stars' } })).task.title).toBe('Count the stars')
  expect((await world.submit({ title: 'Stars', input: { text: 'Count the stars' } })).task.title).toBe('Stars')
})

test('a task that a dialect gives to the user of the agent says who submitted it', async () => {
  await open({ agent: { ownerId: 'user-9', visibility: 'public' } })
  const { task } = await world.submit({ ownedBy: 'agent_user' })
  expect(task.ownerId).toBe('user-9')
  const [submitted] = await world.events(task.id)
  expect(submitted?.facts).toMatchObject({ owner: 'user-9', submitted_by: { user: 'user-1', key: null } })
})

test('a sub-task of a parent that was cancelled meanwhile is refused', async () => {
  await open()
  const parent = await world.submit()
  await cancelRun(world.deps, world.owner, parent.task.id)
  await expect(world.submit({ parent: parentOf(parent) })).rejects.toMatchObject({ code: 'run_settled' })
})
