import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleContent, sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import { until } from '../../../../test/support/until.ts'
import { isRefusal, type Refusal } from '../../../domain/refusal.ts'
import { type Commit, putContents } from '../../commit.ts'
import type { Store } from '../../store.ts'
import { createSqliteStore } from '../create-sqlite-store.ts'
import { encodeCommit } from '../encode/encode-commit.ts'
import { closeWriter, type FromWriter, type WriterOptions } from './encoded-commit.ts'
import { writerSql } from './writer-sql.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-full-'))
  const path = join(folder, 'mandate.sqlite')
  store = await createSqliteStore({ path, commitsWaitingMax: 1_000, durability: 'none', probeMs: 5, pagesMax: 150 })
})
afterEach(async () => {
  try {
    await store.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const text = 'x'.repeat(20_000)

/** Commits contents until the database may not grow any more. Answers with what was acknowledged, and with the refusal. */
async function fill(): Promise<{ kept: string[]; refusal: Refusal }> {
  const kept: string[] = []
  for (;;) {
    const content = sampleContent(text)
    try {
      await store.commit({ write: [putContents(null, [content])] })
      kept.push(content.digest)
    } catch (error) {
      if (!isRefusal(error)) throw error
      return { kept, refusal: error }
    }
  }
}

async function refusalOf(commit: Commit): Promise<unknown> {
  return store.commit(commit).then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('a full disk is refused by name, health says so, and nothing acknowledged is lost', async () => {
  const { kept, refusal } = await fill()
  expect(refusal.code).toBe('storage_unavailable')
  expect(refusal.retryAfterMs).toBeGreaterThan(0)
  expect(store.health()).toMatchObject({
    writable: false,
    problem: expect.stringContaining('database or disk is full'),
  })
  expect((await store.readContents(kept)).size).toBe(kept.length)
  expect(kept.length).toBeGreaterThan(2)
})

test('while the disk is full every commit is refused at once, and reads go on', async () => {
  const { kept } = await fill()
  const refused = await Promise.all(
    [1, 2, 3].map(() => refusalOf({ write: [putContents(null, [sampleContent(text)])] })),
  )
  expect(refused.every((error) => isRefusal(error, 'storage_unavailable'))).toBe(true)
  expect(store.health().waitingCommits).toBe(0)
  expect((await store.readContents(kept)).size).toBe(kept.length)
})

test('a group that does not fit is undone as a whole', async () => {
  const sample = sampleTask()
  const small = store.commit(submission(sample))
  const large = Array.from({ length: 100 }, () => store.commit({ write: [putContents(null, [sampleContent(text)])] }))
  const results = await Promise.allSettled([small, ...large])
  expect(results.map(({ status }) => status)).toEqual(results.map(() => 'rejected'))
  expect(await store.readTask(sample.task.id)).toBeUndefined()
})

test('a store whose disk has room again is well again by itself', async () => {
  await fill()
  const other = new DatabaseSync(join(folder, 'mandate.sqlite'), { timeout: 5_000 })
  other.exec('DELETE FROM contents')
  other.close()
  await until('the store to be writable', () => store.health().writable)
  expect(store.health().problem).toBeUndefined()
  expect(await store.commit(submission(sampleTask()))).toMatchObject({ committed: true })
})

test('messages that wait on the port are one group with one reply, and are written before the writer closes', async () => {
  const path = join(folder, 'mandate.sqlite')
  await store.close()
  const workerData: WriterOptions = {
    ...{ path, sql: writerSql, durability: 'none', checkpointPages: 1_000 },
    ...{ syncDelayMs: 0, probeMs: 5, pagesMax: 0 },
  }
  const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData })
  const received: FromWriter[] = []
  worker.on('message', (message: FromWriter) => received.push(message))
  // They are on the port before the thread has started.
  for (const name of ['a', 'b']) {
    worker.postMessage(JSON.stringify([encodeCommit({ write: [{ kind: 'put_setting', name, value: 'x' }] })]))
  }
  const content = { ...sampleContent(''), body: new Uint8Array([0, 255]) }
  worker.postMessage([encodeCommit({ write: [putContents(null, [content])] })])
  worker.postMessage(closeWriter)
  await once(worker, 'exit')
  expect(received.map(({ replies }) => replies)).toEqual([[], [[], [], []]])
  using database = new DatabaseSync(path)
  expect(database.prepare('SELECT name FROM settings').all()).toEqual([{ name: 'a' }, { name: 'b' }])
  expect(database.prepare('SELECT body FROM contents').all()).toEqual([{ body: content.body }])
})
