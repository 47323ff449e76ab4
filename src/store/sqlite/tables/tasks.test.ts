import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApply, openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import { type SampleOptions, sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import { purgedPlaceholder } from '../../../domain/content.ts'
import type { Task } from '../../../domain/task.ts'
import { taskWithDetails } from '../reads/list-owned.ts'
import { taskDetailsParameters, tasks } from './tasks.ts'

let database: DatabaseSync
beforeEach(() => {
  database = openMigratedDatabase()
})
afterEach(() => database.close())

/** Submits a sample task that is changed first, and answers with it. */
function submit(options: SampleOptions, over: Partial<Task> = {}): Task {
  const sample = sampleTask(options)
  const task = { ...sample.task, ...over }
  createApply(database)(submission({ ...sample, task }))
  return task
}
const readAll = () => database.prepare(taskWithDetails).all().map(tasks.read)

test('each amount of each part of the ledger has a column of its own', () => {
  const amounts = (from: number) => ({ micros_usd: from, tokens: from + 1, steps: from + 2 })
  const ledger = { cap: amounts(10), spent: amounts(20), reserved: amounts(30), lent: amounts(40) }
  submit({}, { ledger })
  expect(readAll()).toMatchObject([{ ledger }])
})

test('a task is read as it was submitted, with the private part of its extension', () => {
  const task = submit(
    { metadata: { ticket: 'A-1' }, extension: { chat: 'c', private: { name: 'Ada' } }, teamId: 'team-1' },
    { submitter: { userId: 'user-2', keyId: 'key-2' }, webhook: { endpoint: 'endpoint-1', events: ['*'] } },
  )
  expect(readAll()).toEqual([{ ...task, number: 1, lastSeq: 3 }])
})

test('the private part of an extension is in a column of its own, and null where there is none', () => {
  const { task } = sampleTask({ extension: { chat: 'c', private: { name: 'Ada' } } })
  expect(taskDetailsParameters(task).slice(2)).toEqual(['{"chat":"c"}', '{"name":"Ada"}'])
  expect(taskDetailsParameters({ ...task, extension: { chat: 'c' } }).slice(2)).toEqual(['{"chat":"c"}', null])
})

test('a task whose details were purged has a placeholder for a title, and keeps what is not private', () => {
  const task = submit({ metadata: { ticket: 'A-1' }, extension: { chat: 'c', private: { name: 'Ada' } } })
  createApply(database)({ write: [{ kind: 'purge_contents', task: task.id }] })
  expect(readAll()).toMatchObject([{ title: purgedPlaceholder, metadata: {} }])
  expect(readAll()[0]?.extension).toEqual({ chat: 'c' })
})
