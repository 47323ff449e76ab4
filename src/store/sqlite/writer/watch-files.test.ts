import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleTask, submission } from '../../../../test/support/sample-tasks.ts'
import { until } from '../../../../test/support/until.ts'
import { isRefusal } from '../../../domain/refusal.ts'
import type { Store } from '../../store.ts'
import { createSqliteStore } from '../create-sqlite-store.ts'

let folder: string
let path: string
let store: Store
let problems: (string | undefined)[]
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-gone-'))
  path = join(folder, 'mandate.sqlite')
  problems = []
  const onProblem = (problem: string | undefined) => void problems.push(problem)
  store = await createSqliteStore({ path, commitsWaitingMax: 1_000, durability: 'none', probeMs: 5, onProblem })
  await store.commit(submission(sampleTask()))
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The ids of the tasks that the store acknowledges out of some that are submitted one after the other. */
async function acknowledged(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) {
    const sample = sampleTask()
    try {
      await store.commit(submission(sample))
      ids.push(sample.task.id)
    } catch (error) {
      if (!isRefusal(error, 'storage_unavailable')) throw error
    }
  }
  return ids
}

const spoilt: Readonly<Record<string, () => void>> = {
  'the database removed': () => rmSync(path),
  'the write-ahead log removed': () => rmSync(`${path}-wal`),
  'the database replaced by its own copy'() {
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
  },
  'the whole folder moved away': () => renameSync(folder, `${folder}-moved`),
}

test.skipIf(process.platform === 'win32').each(Object.entries(spoilt))(
  'with %s nothing more is acknowledged, and it is told why',
  async (_what, spoil) => {
    try {
      spoil()
      expect(await acknowledged(50)).toEqual([])
      expect(store.health()).toMatchObject({ writable: false, filesGone: true })
      expect(problems).toEqual([expect.stringMatching(/mandate\.sqlite(?:-wal)? was removed or replaced/u)])
    } finally {
      rmSync(`${folder}-moved`, { recursive: true, force: true })
    }
  },
)

test.skipIf(process.platform === 'win32')('removed files are found while nothing is committed', async () => {
  rmSync(path)
  await until('the loss to be found', () => store.health().filesGone)
  expect(problems).toHaveLength(1)
})

test.skipIf(process.platform === 'win32')('files that are put back take commits again', async () => {
  renameSync(path, `${path}.away`)
  expect(await acknowledged(1)).toEqual([])
  renameSync(`${path}.away`, path)
  await until('the store to be writable', () => store.health().writable)
  const [id = ''] = await acknowledged(1)
  expect(await store.readTask(id)).toBeDefined()
  expect(problems.at(-1)).toBeUndefined()
})
