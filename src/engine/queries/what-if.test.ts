import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createInlineWorkerPool } from '../../../test/support/inline-worker-pool.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { builtinPolicy, testPolicy } from '../../../test/support/test-policies.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { purgeTask } from '../commands/purge-task.ts'
import type { SubmitTask } from '../commands/submit-task.ts'
import { whatIf } from './what-if.ts'

let world: EngineWorld
let auditor: Principal
afterEach(() => world.close())

const content = { personal_data: 'allow', secrets: 'allow', blocked_keywords: ['needle'] } as const
const policies = [
  testPolicy({ name: 'narrow', ceiling: ['other:*'], defaults: [] }),
  testPolicy({ name: 'wordy', content }),
  testPolicy({ name: 'strict', approvals: { categories: [], tools: ['note'] } }),
]

async function open(options: EngineWorldOptions = {}) {
  const note = (text: string) => ({ tool: 'note', input: { text } })
  world = await createEngineWorld({
    policies,
    steps: [{ calls: [note('a needle'), note('hay')] }, { text: 'done' }],
    tools: [createScriptedTool('note', () => 'ok')],
    ...options,
  })
  auditor = { ...world.owner, userId: 'auditor-1', role: 'auditor' }
  await world.deps.dispatcher.start()
}

async function runToEnd(over: Partial<SubmitTask> = {}) {
  const { task, run } = await world.submit(over)
  await world.attemptEnded(run.id)
  return task.id
}

const ask = (policy: Parameters<typeof whatIf>[2]['policy'], over = {}, principal = world.owner) =>
  whatIf(world.deps, principal, { policy, since: 0, limit: 100, ...over })

test('each answer that would change is told, with the rules that would decide', async () => {
  await open()
  const taskId = await runToEnd()
  const { length } = await world.events(taskId)
  expect(await ask('default')).toEqual({ examined: 2, unreadable: 0, changes: [], cursor: null, more: false })
  const { changes, examined } = await ask('wordy')
  expect(examined).toBe(2)
  expect(changes).toMatchObject([
    { task: taskId, tool: 'note', at: world.clock.now(), was: 'allow', would: 'deny', rules: ['content:keyword'] },
  ])
  expect(await world.events(taskId)).toHaveLength(length)
})

test('what the ceiling of the other policy cuts off, and what it would allow, show', async () => {
  const call = { calls: [{ tool: 'note', input: { text: 'a needle' } }] }
  await open({ steps: [call, { text: 'done' }, call, { text: 'done' }] })
  await runToEnd()
  expect((await ask('narrow')).changes).toMatchObject([{ was: 'allow', rules: ['capability'] }])
  world.clock.advance(1)
  const since = world.clock.now()
  const asked = await runToEnd({ policy: 'strict' })
  const { examined, changes } = await ask('default', { since })
  expect(examined).toBe(1)
  expect(changes).toMatchObject([{ task: asked, was: 'ask', would: 'allow' }])
})

test('a policy that is not stored is tried as it is written; one that is wrong is refused with its places', async () => {
  await open()
  await runToEnd()
  const { document, cedar } = builtinPolicy('default')
  const texts = {
    document: JSON.stringify({ ...document, name: 'tried' }),
    cedar: `${cedar} @id("none") forbid (principal, action, resource);`,
  }
  expect((await ask(texts)).changes).toHaveLength(2)
  expect((await world.store.listPolicies()).map(({ version }) => version.document.name)).not.toContain('tried')
  await expect(ask({ document: '{', cedar })).rejects.toMatchObject({
    code: 'policy_invalid',
    fields: [{ field: expect.stringMatching(/^document:1:\d+$/u) }],
  })
  await expect(ask('no_such')).rejects.toMatchObject({ code: 'policy_not_found' })
})

test('actions whose contents were purged are counted, not guessed', async () => {
  await open()
  const taskId = await runToEnd()
  await purgeTask(world.deps, world.owner, taskId)
  expect(await ask('narrow')).toMatchObject({ examined: 2, unreadable: 2, changes: [] })
})

test('who reads everything asks about all tasks, others about their own', async () => {
  await open()
  await runToEnd({ visibility: 'public' })
  expect((await ask('narrow', {}, auditor)).examined).toBe(2)
  const other: Principal = { ...world.owner, userId: 'user-2' }
  expect((await ask('narrow', {}, other)).examined).toBe(0)
  expect((await ask('narrow', {}, { ...auditor, agentId: 'agent-2' })).examined).toBe(0)
})

test('pages of any size give what one gives, and older actions are left out', async () => {
  await open({
    steps: [{ calls: [1, 2, 3].map((n) => ({ tool: 'note', input: { text: `${n}` } })) }, { text: 'done' }],
  })
  await runToEnd()
  const pages: string[] = []
  let cursor: string | undefined
  do {
    const page = await ask('narrow', { limit: 1, ...(cursor !== undefined && { cursor }) })
    expect(page.more).toBe(page.cursor !== null)
    pages.push(...page.changes.map(({ action }) => action))
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
  expect(pages).toEqual((await ask('narrow')).changes.map(({ action }) => action))
  expect(pages).toHaveLength(3)
  expect((await ask('narrow', { since: world.clock.now() + 1 })).examined).toBe(0)
})

test('limits and cursors that cannot be are refused by name', async () => {
  await open({ limits: { what_if_actions_max: 5 } })
  for (const limit of [0, 1.5, 6]) {
    await expect(ask('default', { limit })).rejects.toMatchObject({
      code: 'invalid_input',
      limit: 'what_if_actions_max',
    })
  }
  for (const cursor of ['x', '1', '1.-1', '']) {
    await expect(ask('default', { limit: 1, cursor })).rejects.toMatchObject({ fields: [{ field: 'cursor' }] })
  }
})

test('a what-if that takes too long is refused by the name of its limit, and all its batches have one time', async () => {
  const timeouts: unknown[] = []
  const requests = createInlineWorkerPool()
  const run: typeof requests.run = async (job, args, options) => {
    if (job.name === 'redecideAll') {
      timeouts.push(options?.timeout)
      world.clock.advance(9_000)
      if (timeouts.length === 2)
        throw new Refusal('limit_exceeded', 'It took too long.', { limit: 'worker_timeout_ms' })
    }
    return await requests.run(job, args, options)
  }
  const calls = Array.from({ length: 51 }, () => ({ tool: 'note', input: { text: 'hay' } }))
  await open({ steps: [{ calls }, { text: 'done' }], workers: { runs: requests, requests: { ...requests, run } } })
  await runToEnd()
  await expect(ask('wordy')).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'worker_timeout_ms' })
  const limit = 'worker_timeout_ms'
  expect(timeouts).toEqual([
    { ms: 10_000, limit },
    { ms: 1_000, limit },
  ])
})

test('what could not be examined when it was decided would be denied under any policy', async () => {
  const runs = createInlineWorkerPool()
  const refused = new Refusal('limit_exceeded', 'It took too long.', { limit: 'worker_timeout_ms' })
  const workers = { runs: { ...runs, run: () => Promise.reject(refused) }, requests: runs }
  const calls = [{ tool: 'note', input: { text: 'hay '.repeat(5_000) } }]
  await open({ steps: [{ calls }, { text: 'done' }], agent: { policy: 'wordy' }, workers })
  await runToEnd()
  expect(await ask('default')).toMatchObject({ examined: 1, unreadable: 0, changes: [] })
})
