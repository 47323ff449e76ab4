import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { Principal } from '../../domain/principal.ts'
import type { SubmitTask } from '../commands/submit-task.ts'
import { submitTask } from '../commands/submit-task.ts'
import { readBudget } from './read-budget.ts'
import { sumUsage, type UsageRequest } from './sum-usage.ts'

let world: EngineWorld
let other: Principal
let auditor: Principal
beforeEach(async () => {
  world = await createEngineWorld({ agent: { visibility: 'public' } })
  await world.deps.dispatcher.start()
  other = { ...world.owner, userId: 'user-2' }
  auditor = { ...world.owner, userId: 'auditor-1', role: 'auditor' }
})
afterEach(() => world.close())

async function runAs(principal: Principal, over: Partial<SubmitTask> = {}) {
  const request = { input: { text: 'do it' }, agentId: null, dialect: 'native' as const, ...over }
  const { task, run } = await submitTask(world.deps, principal, request)
  await world.attemptEnded(run.id)
  return task.id
}

const sum = (principal: Principal, over: Partial<UsageRequest> = {}) =>
  sumUsage(world.deps, principal, { from: undefined, to: undefined, by: [], ownerId: undefined, ...over })

test('people see what they used themselves, who reads everything sees all of it or one user', async () => {
  await runAs(world.owner)
  await runAs(other)
  await runAs(other)
  const used = async (...asked: Parameters<typeof sum>) => (await sum(...asked)).sums.map(({ runs }) => runs)
  expect(await used(world.owner)).toEqual([1])
  expect(await used(other, { ownerId: 'user-2' })).toEqual([2])
  expect(await used(auditor)).toEqual([3])
  expect(await used(auditor, { ownerId: 'user-2' })).toEqual([2])
  await expect(sum(other, { ownerId: 'user-1' })).rejects.toMatchObject({ code: 'role_forbidden' })
  const { sums } = await sum(auditor, { by: ['user', 'day'] })
  expect(sums).toMatchObject([
    { day: '2026-01-01', ownerId: 'user-1', agentId: null, runs: 1, costMicrosUsd: 15, inputTokens: 10, steps: 1 },
    { day: '2026-01-01', ownerId: 'user-2', runs: 2, costMicrosUsd: 30, outputTokens: 10 },
  ])
})

test('a key that is bound to an agent sees what was used with that agent', async () => {
  const agent = { ...world.agent, id: 'agent-2', name: 'second' }
  await world.store.commit({ write: [{ kind: 'insert_agent', agent }] })
  await runAs(world.owner)
  await runAs(world.owner, { agentId: 'agent-2' })
  await runAs(world.owner, { agentId: 'agent-2' })
  const bound = { ...auditor, agentId: 'agent-2' }
  expect((await sum(bound)).sums).toMatchObject([{ runs: 2, agentId: null }])
  expect((await sum(bound, { by: ['agent'] })).sums).toMatchObject([{ runs: 2, agentId: 'agent-2' }])
  expect((await sum({ ...bound, agentId: 'agent-3' })).sums).toEqual([])
})

test('thirty days up to today unless said otherwise; other days are left out', async () => {
  await runAs(world.owner)
  expect(await sum(world.owner)).toMatchObject({ from: '2025-12-03', to: '2026-01-01', sums: [{ runs: 1 }] })
  expect(await sum(world.owner, { to: '2025-12-31' })).toMatchObject({ from: '2025-12-02', sums: [] })
  expect(await sum(world.owner, { from: '2026-01-01' })).toMatchObject({ to: '2026-01-01', sums: [{ runs: 1 }] })
})

test.each([
  ['from', { from: '2026-02-30' }],
  ['from', { from: '2026-1-1' }],
  ['to', { to: 'today' }],
  ['from', { from: '2026-01-02', to: '2026-01-01' }],
  ['from', { from: '2024-12-31', to: '2026-01-01' }],
])('the field %s is refused with %j', async (field, days) => {
  await expect(sum(world.owner, days)).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field }] })
})

test('366 days can be asked for', async () => {
  await expect(sum(world.owner, { from: '2024-01-01', to: '2024-12-31' })).resolves.toMatchObject({ sums: [] })
})

test('a budget shows what is spent and left, to who may read the task', async () => {
  const taskId = await runAs(world.owner, { budget: { micros_usd: 1_000, tokens: 100_000, steps: 5 } })
  const { ledger, available } = await readBudget(world.deps, world.owner, taskId)
  expect(ledger).toMatchObject({ spent: { micros_usd: 15, tokens: 15, steps: 1 } })
  expect(available).toEqual({ micros_usd: 985, tokens: 99_985, steps: 4 })
  await expect(readBudget(world.deps, other, taskId)).rejects.toMatchObject({ code: 'task_not_found' })
})
