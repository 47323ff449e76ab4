import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  oneStepRun,
  type SampleTask,
  sampleContent,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { until } from '../../../test/support/until.ts'
import { putContents } from '../commit.ts'
import type { Store } from '../store.ts'
import { createSqliteStore } from './create-sqlite-store.ts'

let folder: string
let path: string
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-purge-'))
  path = join(folder, 'mandate.sqlite')
  store = await createSqliteStore({ path, commitsWaitingMax: 1_000, durability: 'none' })
})
afterEach(async () => {
  try {
    await store.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const secretOf = (index: number) => `secret-${index}-of-many;`

/** A task all of whose private parts hold its secret: short ones in a page, long ones in pages of their own. */
async function submitSecret(index: number): Promise<SampleTask> {
  const secret = secretOf(index)
  const sample = sampleTask({
    text: secret.repeat(1 + (index % 7) ** 3),
    metadata: { secret },
    extension: { private: { secret } },
    runExtension: { secret },
  })
  await store.commit(submission(sample))
  // What changes later makes the rows longer, in pages that are full.
  const start = continuation(sample, [claimed(sample.run.id, 1)])
  await store.commit(start.commit)
  await store.commit(oneStepRun(start.after).commit)
  if (index % 4 === 0) {
    const { id, visibility } = sample.task
    const metadata = { secret: secret.repeat(index) }
    await store.commit({ write: [{ kind: 'save_task', task: id, title: secret, visibility, metadata }] })
  }
  const later = [1, 40, 400].map((times) => sampleContent(secret.repeat(times)))
  await store.commit({ write: [putContents(sample.task.id, later)] })
  return sample
}

/** The indices of the secrets that stand anywhere in the files. */
function found(): number[] {
  const files = [path, `${path}-wal`].filter((file) => existsSync(file))
  const text = files.map((file) => readFileSync(file, 'latin1')).join()
  return [...new Set([...text.matchAll(/secret-(\d+)-of-many/gu)].map(([, index]) => Number(index)))].sort(
    (a, b) => a - b,
  )
}

const all = Array.from({ length: 120 }, (_, index) => index)
const isPurged = (index: number) => index % 3 > 0
const kept = all.filter((index) => !isPurged(index))

async function purgeMost(): Promise<void> {
  const samples = await Promise.all(all.map(submitSecret))
  expect(found()).toEqual(all)
  const purged = samples.filter((_, index) => isPurged(index))
  await Promise.all(purged.map(({ task }) => store.commit({ write: [{ kind: 'purge_contents', task: task.id }] })))
}

test('what was purged soon stands neither in the database nor in its log, and nothing else is gone', async () => {
  await purgeMost()
  await until('the purged secrets to be gone', () => found().length === kept.length)
  expect(found()).toEqual(kept)
  expect(existsSync(`${path}-wal`)).toBe(true) // while it is open there is a log
})

test('a reader that holds the log up does not stop commits, and the log is emptied after it', async () => {
  const reader = new DatabaseSync(path, { readOnly: true })
  try {
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM tasks').get()
    await purgeMost()
    await store.commit(submission(sampleTask()))
    expect(found()).toEqual(all)
  } finally {
    reader.close()
  }
  await until('the purged secrets to be gone', () => found().length === kept.length)
})

test('a store that is closed right after a purge leaves nothing of it', async () => {
  await purgeMost()
  await store.close()
  expect(found()).toEqual(kept)
})
