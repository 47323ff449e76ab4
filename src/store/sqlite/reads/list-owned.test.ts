import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createApply,
  openMigratedDatabase,
  queryPlan,
  watchPrepared,
} from '../../../../test/support/migrated-database.ts'
import { sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import type { TaskFilter } from '../../store.ts'
import { createOwnedReads } from './list-owned.ts'

let database: DatabaseSync
beforeEach(() => {
  database = openMigratedDatabase()
})
afterEach(() => database.close())

/** The reads, and the SQL that they prepare for lists. */
function openWatched() {
  const { watched, prepared } = watchPrepared(database)
  const reads = createOwnedReads(watched)
  prepared.length = 0
  return { prepared, reads }
}

const page = { limit: 10 }

/** The ways in which the API and the console list tasks, each with the index that it follows. */
const listings: readonly [string, TaskFilter, readonly string[]][] = [
  ['all tasks', {}, ['INTEGER PRIMARY KEY']],
  ['one’s own', { ownerId: 'ada' }, ['tasks_by_owner']],
  ['one’s own and one’s team’s', { ownerId: 'ada', teamId: 'red' }, ['tasks_by_owner', 'tasks_by_team']],
  ['an agent’s', { agentId: 'agent-1' }, ['tasks_by_agent']],
  ['those below a parent', { parentId: 'task-1' }, ['tasks_by_parent']],
  ['those in a state', { states: ['failed'] }, ['tasks_by_state']],
  ['those in states', { states: ['failed', 'queued'] }, ['tasks_by_state', 'tasks_by_state']],
]

test.each(listings)('a page of %s follows an index in its order, and sorts nothing', async (_, filter, indexes) => {
  const { prepared, reads } = openWatched()
  await reads.listTasks(filter, page)
  expect(prepared).toHaveLength(1)
  const steps = queryPlan(prepared[0] ?? '')
  expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
  const ofTasks = steps.filter((step) => / tasks /u.test(step))
  expect(ofTasks.map((step) => /USING (?:INDEX )?(tasks_\w+|INTEGER PRIMARY KEY)/u.exec(step)?.[1])).toEqual(indexes)
})

test('a task that is visible in two ways is listed once', async () => {
  const apply = createApply(database)
  for (const visibility of ['private', 'team', 'public'] as const) {
    apply(submission(sampleTask({ ownerId: 'ada', teamId: 'red', visibility })))
  }
  const { listTasks } = createOwnedReads(database)
  const numbers = async (filter: TaskFilter) => (await listTasks(filter, page)).map(({ number }) => number)
  expect(await numbers({ ownerId: 'ada', teamId: 'red' })).toEqual([3, 2, 1])
  expect(await numbers({ teamId: 'red' })).toEqual([3, 2])
  expect(await numbers({ states: ['queued', 'queued'] })).toEqual([3, 2, 1])
})

test('the SQL of a filter is prepared once for all its values, and again after a hundred other filters', async () => {
  const { prepared, reads } = openWatched()
  const filterBy = (names: number, value: string): TaskFilter => ({
    metadata: Object.fromEntries(Array.from({ length: names }, (_, index) => [`name-${index}`, value])),
  })
  await reads.listTasks(filterBy(1, 'a'), page)
  await reads.listTasks(filterBy(1, 'b'), page)
  expect(prepared).toHaveLength(1)
  for (let names = 2; names <= 100; names += 1) await reads.listTasks(filterBy(names, 'a'), page)
  await reads.listTasks(filterBy(1, 'c'), page)
  expect(prepared).toHaveLength(100)
  await reads.listTasks(filterBy(101, 'a'), page)
  await reads.listTasks(filterBy(2, 'a'), page)
  expect(prepared).toHaveLength(102)
})

test('a page that begins after an instant is a defect, since tasks and agents are listed by number', async () => {
  const { listTasks, listAgents } = createOwnedReads(database)
  const before = { createdAt: 1, id: 'a' }
  await expect(listTasks({}, { limit: 1, before })).rejects.toThrow('begins after a number')
  await expect(listAgents({}, { limit: 1, before })).rejects.toThrow('begins after a number')
})
