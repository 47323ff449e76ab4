import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApply, openMigratedDatabase } from '../../../../test/support/migrated-database.ts'
import { sampleAgent, sampleKey, sampleTeam, sampleUser } from '../../../../test/support/sample-identities.ts'
import { sampleStatement } from '../../../../test/support/sample-log.ts'
import { claimed, sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import { sampleDelivery, sampleEndpoint } from '../../../../test/support/sample-webhooks.ts'
import type { Delivery } from '../../../domain/delivery.ts'
import { noMove } from '../../../domain/ledger-moves.ts'
import { absentSetting, append, type Commit, latestRun, type Write } from '../../commit.ts'
import type { Reply } from './encoded-commit.ts'

let database: DatabaseSync
let apply: (commit: Commit) => Reply
beforeEach(() => {
  database = openMigratedDatabase()
  apply = createApply(database)
})
afterEach(() => database.close())

const rows = (sql: string) => database.prepare(sql).all()
const setting = (name: string): Write => ({ kind: 'put_setting', name, value: 'x' })

test('a commit is answered with the first requirement that does not hold, and has written nothing', () => {
  apply({ write: [setting('a')] })
  const require = [absentSetting('b'), absentSetting('a'), latestRun('no-task', 'no-run')]
  expect(apply({ require, write: [setting('b')] })).toBe(1)
  expect(rows('SELECT name FROM settings')).toEqual([{ name: 'a' }])
})

test('requirements are checked before the writes of the same commit, which would break them', () => {
  expect(apply(submission(sampleTask()))).toEqual([1, 3])
})

test('the numbers and last seqs of its tasks are assigned in their order, then the numbers of new agents', () => {
  const [first, second] = [sampleTask(), sampleTask()]
  apply(submission(first))
  const agents = [sampleAgent(), sampleAgent()].map((agent): Write => ({ kind: 'insert_agent', agent }))
  const write = [append(first.task.id, [claimed(first.run.id, 1)]), ...agents, ...submission(second).write]
  expect(apply({ write })).toEqual([1, 4, 2, 3, 1, 2])
  expect(rows('SELECT number, last_seq FROM tasks')).toEqual([
    { number: 1, last_seq: 4 },
    { number: 2, last_seq: 3 },
  ])
})

const run = { ...sampleTask().run, taskId: 'none' }
const keeping = { task: 'none', purgeAt: null, purgedAt: null, hold: null }
const delivery: Delivery = {
  ...{ id: 'none', endpointId: 'none', taskId: 'none', seq: 1, kind: 'run.claimed', state: 'pending' },
  ...{ attempts: 1, tries: [], nextAt: null, createdAt: 1, settledAt: null },
}
const ofAbsentRows: readonly Write[] = [
  { kind: 'save_run', run },
  { kind: 'request_stop', task: 'none', run: run.id, at: 1 },
  { kind: 'insert_run', run },
  { kind: 'append', task: 'none', events: [claimed(run.id, 1)] },
  { kind: 'put_contents', task: 'none', contents: sampleTask().contents },
  { kind: 'save_manifest', task: 'none', manifest: 'm' },
  { kind: 'save_task', task: 'none', title: '', visibility: 'private', metadata: {} },
  { kind: 'move_ledger', task: 'none', move: noMove },
  { kind: 'save_keeping', ...keeping },
  { kind: 'purge_contents', task: 'none' },
  { kind: 'close_run', run: run.id },
  { kind: 'save_agent', agent: sampleAgent() },
  { kind: 'save_user', user: sampleUser() },
  { kind: 'save_team', team: sampleTeam() },
  { kind: 'save_key', key: sampleKey() },
  {
    kind: 'save_share',
    share: { code: 'c', taskId: 'none', createdBy: 'u', permissions: {}, createdAt: 1, updatedAt: 1 },
  },
  { kind: 'save_endpoint', endpoint: sampleEndpoint() },
  { kind: 'save_delivery', delivery },
  { kind: 'add_statements', statements: [sampleStatement(sampleTask())] },
]

test.each(ofAbsentRows.map((write) => [write.kind, write] as const))(
  '%s of a row that is not there is a defect',
  (_, write) => {
    expect(() => apply({ write: [write] })).toThrow(/found no row|is not there/u)
  },
)

test('what may find nothing to change does so', () => {
  const write: Write[] = [
    { kind: 'forget_idempotency', before: 1 },
    { kind: 'forget_deliveries', before: 1, limit: 10 },
    { kind: 'hold_endpoint', endpoint: 'none', until: 1 },
    { kind: 'delete_endpoint', endpoint: 'none' },
    { kind: 'delete_agent', agent: 'none' },
  ]
  expect(apply({ write })).toEqual([])
})

test('a delivery is of the event that it names among those that its commit appends, also to a new endpoint', () => {
  const endpoint = sampleEndpoint()
  const [first, second] = [sampleTask(), sampleTask()]
  apply(submission(first))
  const { id } = first.task
  const deliveries = [sampleDelivery(endpoint, 1, 'run.claimed')]
  apply({
    write: [
      ...submission(second).write,
      append(id, [claimed(first.run.id, 1), claimed(first.run.id, 2), claimed(first.run.id, 3)]),
      { kind: 'add_deliveries', task: id, deliveries },
      { kind: 'add_deliveries', task: second.task.id, deliveries: [sampleDelivery(endpoint, 0, 'task.submitted')] },
      { kind: 'insert_endpoint', endpoint },
    ],
  })
  expect(rows('SELECT task, seq, kind FROM deliveries ORDER BY row')).toEqual([
    { task: 1, seq: 5, kind: 'run.claimed' },
    { task: 2, seq: 1, kind: 'task.submitted' },
  ])
})

test('a delivery of an event that the commit does not append is a defect', () => {
  const endpoint = sampleEndpoint()
  const sample = sampleTask()
  apply({ write: [...submission(sample).write, { kind: 'insert_endpoint', endpoint }] })
  const { id } = sample.task
  const add = (event: number): Write => ({
    kind: 'add_deliveries',
    task: id,
    deliveries: [sampleDelivery(endpoint, event, 'run.claimed')],
  })
  const event = append(id, [claimed(sample.run.id, 1)])
  const problem = 'A delivery is of an event that the commit does not append.'
  expect(() => apply({ write: [event, add(1)] })).toThrow(problem)
  expect(() => apply({ write: [add(0)] })).toThrow(problem)
})
