import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTemporaryStore } from '../../../test/support/create-temporary-store.ts'
import { type SampleOptions, sampleTask, submission } from '../../../test/support/sample-tasks.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Store } from '../../store/store.ts'
import { readTaskFor, readTaskRecordFor, readTaskToChange, readTaskToSpeakIn } from './read-task.ts'

let store: Store
/** The ids that were looked up. */
let asked: string[]
beforeEach(async () => {
  const opened = await createTemporaryStore()
  asked = []
  store = {
    ...opened,
    readSnapshot(id) {
      asked.push(id)
      return opened.readSnapshot(id)
    },
  }
})
afterEach(() => store.close())

const ada: Principal = {
  userId: 'ada',
  teamId: null,
  role: 'operator',
  dialect: 'native',
  agentId: null,
  keyId: 'key-1',
}
const eve: Principal = { ...ada, userId: 'eve', keyId: 'key-2' }
const admin: Principal = { ...eve, userId: 'root', role: 'admin' }

/** Submits a task of Ada's that was made with Eve's key where `keyId` says so. */
async function submit(options: SampleOptions = {}, keyId = 'key-1'): Promise<string> {
  const sample = sampleTask({ ownerId: 'ada', ...options })
  const task = { ...sample.task, submitter: { userId: 'ada', keyId } }
  await store.commit(submission({ ...sample, task }))
  return task.id
}

async function refusalOf(read: Promise<unknown>) {
  return read.then(
    () => undefined,
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  )
}

test('an absent task, somebody else’s and a text that is no id are refused in the same words after one look-up', async () => {
  const hidden = await submit()
  const refusals = []
  for (const id of [hidden, 'absent', undefined]) refusals.push(await refusalOf(readTaskFor({ store }, eve, id)))
  expect(refusals[0]).toEqual({ code: 'task_not_found', message: 'There is no such task.' })
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
  expect(asked).toEqual([hidden, 'absent', ''])
})

test('every way to read a task refuses one that is not there before it speaks of rights', async () => {
  const hidden = await submit()
  const viewer: Principal = { ...eve, role: 'viewer' }
  for (const read of [readTaskFor, readTaskRecordFor, readTaskToChange, readTaskToSpeakIn]) {
    expect(await refusalOf(read({ store }, viewer, hidden))).toMatchObject({ code: 'task_not_found' })
  }
})

test('who is shown a task reads it in part: neither its signed record, nor to change it, nor to speak in it', async () => {
  const shown = await submit({ visibility: 'public' })
  expect(await readTaskFor({ store }, eve, shown)).toMatchObject({ access: 'shared' })
  for (const read of [readTaskRecordFor, readTaskToChange, readTaskToSpeakIn]) {
    expect(await refusalOf(read({ store }, eve, shown))).toMatchObject({ code: 'role_forbidden' })
  }
})

test('the owner and an administrator have all of a task, and an auditor has its record and does not change it', async () => {
  const id = await submit()
  for (const principal of [ada, admin]) {
    for (const read of [readTaskFor, readTaskRecordFor, readTaskToChange, readTaskToSpeakIn]) {
      expect(await read({ store }, principal, id)).toMatchObject({ access: 'full', task: { id } })
    }
  }
  const auditor: Principal = { ...eve, role: 'auditor' }
  expect(await readTaskRecordFor({ store }, auditor, id)).toMatchObject({ access: 'full' })
  expect(await refusalOf(readTaskToChange({ store }, auditor, id))).toMatchObject({ code: 'role_forbidden' })
})

test('the key that submitted a task speaks in it, and does not change it', async () => {
  const id = await submit({}, 'key-2')
  expect(await readTaskToSpeakIn({ store }, eve, id)).toMatchObject({ access: 'full' })
  expect(await refusalOf(readTaskToChange({ store }, eve, id))).toMatchObject({ code: 'role_forbidden' })
  const viewer: Principal = { ...eve, role: 'viewer' }
  expect(await refusalOf(readTaskToSpeakIn({ store }, viewer, id))).toMatchObject({ code: 'role_forbidden' })
})

test('a key that is bound to another agent finds no task, also of its own user', async () => {
  const id = await submit({ visibility: 'public' })
  const bound: Principal = { ...ada, agentId: 'agent-2' }
  expect(await refusalOf(readTaskFor({ store }, bound, id))).toMatchObject({ code: 'task_not_found' })
})
