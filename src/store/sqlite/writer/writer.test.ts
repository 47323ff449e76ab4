import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleContent, sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import { until } from '../../../../test/support/until.ts'
import { isRefusal, type Refusal } from '../../../domain/refusal.ts'
import { type Commit, putContents } from '../../commit.ts'
import type { Store } from '../../store.ts'
import { createSqliteStore } from '../create-sqlite-store.ts'

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
