import { afterEach, expect, test } from 'vitest'
import { createTemporaryStore } from '../../test/support/create-temporary-store.ts'
import { createMemoryBlobs, createMemoryWorkspaces } from '../../test/support/memory-files.ts'
import { sampleAt, sampleTask, submission } from '../../test/support/sample-tasks.ts'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import type { Digest } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import { append } from '../store/commit.ts'
import {
  changePurgedTasks,
  countPurgedTasks,
  graceMs,
  manifestsOf,
  nextFilesAt,
  removePurgedFiles,
  savePurgedTasks,
} from './purged-files.ts'

const closes: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
})

async function open() {
  const store = await createTemporaryStore()
  closes.push(store.close)
  const clock = createFakeClock()
  const memory = createMemoryBlobs(clock)
  const { workspaces } = createMemoryWorkspaces(memory.blobs)
  const deps = { store, clock, blobs: memory.blobs }
  return {
    deps,
    /** The files that are there, without the manifests. */
    files: () =>
      memory
        .texts()
        .filter((text) => !text.startsWith('{'))
        .sort(),
    texts: memory.texts,
    /** Submits a task whose workspace had each of these states in turn, and is in the last of them. */
    async submitWith(...states: string[][]): Promise<string> {
      const { task, run, ...sample } = sampleTask()
      const manifests: Digest[] = []
      for (const names of states) {
        const added = names.map((name) => ({ path: name, bytes: Buffer.from(name) }))
        manifests.push(await workspaces.addFiles(null, added))
      }
      const events = manifests.map((manifest): NewEvent => {
        const envelope = { run: null, attempt: null, at: sampleAt, contents: {} }
        return { ...envelope, kind: 'message.added', facts: { role: 'user', manifest } }
      })
      await store.commit(submission({ task: { ...task, manifest: manifests.at(-1) ?? null }, run, ...sample }))
      await store.commit({ write: [append(task.id, events)] })
      return task.id
    },
    /** What a purge writes of files. */
    async purge(task: string) {
      const purged = { task, at: clock.now() }
      await changePurgedTasks(store, (purgedTasks) =>
        store.commit({
          write: [{ kind: 'purge_contents', task }, savePurgedTasks([...purgedTasks, purged])],
        }),
      )
    },
  }
}

test('the files of every state of a purged task go after the grace, and not before', async () => {
  const { deps, submitWith, purge, texts } = await open()
  const task = await submitWith(['a'], ['a', 'b'], ['c'])
  deps.clock.advance(1)
  await purge(task)
  const due = deps.clock.now() + graceMs
  expect(await nextFilesAt(deps)).toBe(due)
  deps.clock.advance(graceMs - 1)
  expect(await removePurgedFiles(deps)).toBe(0)
  expect(texts()).toHaveLength(6)
  deps.clock.advance(1)
  expect(await removePurgedFiles(deps)).toBe(1)
  expect(texts()).toEqual([])
  expect([await countPurgedTasks(deps), await nextFilesAt(deps)]).toEqual([0, undefined])
})

test('what the workspace of any other task consists of stays, with its manifest', async () => {
  const { deps, submitWith, purge, files, texts } = await open()
  const purged = await submitWith(['a', 'shared'], ['same', 'state'])
  await submitWith(['shared', 'other'])
  await submitWith(['same', 'state'])
  deps.clock.advance(1)
  await purge(purged)
  deps.clock.advance(graceMs)
  expect(await removePurgedFiles(deps)).toBe(1)
  expect(files()).toEqual(['other', 'same', 'shared', 'state'])
  expect(texts().filter((text) => text.startsWith('{'))).toHaveLength(2)
})

test('while a file cannot be removed its manifest stays, and the task is tried again a grace later', async () => {
  const { deps, submitWith, purge, files, texts } = await open()
  const task = await submitWith(['a', 'b'])
  deps.clock.advance(1)
  await purge(task)
  deps.clock.advance(graceMs)
  await deps.blobs.put(Buffer.from('b')) // somebody puts it again
  deps.clock.advance(graceMs - 1)
  expect(await removePurgedFiles(deps)).toBe(0)
  expect(files()).toEqual(['b'])
  expect(texts()).toHaveLength(2)
  expect(await nextFilesAt(deps)).toBe(deps.clock.now() + graceMs)
  deps.clock.advance(graceMs)
  expect(await removePurgedFiles(deps)).toBe(1)
  expect(texts()).toEqual([])
})

test('of tasks that are purged at once each is recorded, also beside one that fails', async () => {
  const { deps, purge, submitWith } = await open()
  const tasks = [await submitWith(['a']), await submitWith(['b']), await submitWith(['c'])]
  const failing = () => changePurgedTasks(deps.store, () => Promise.reject(new Error('refused')))
  const settled = await Promise.allSettled([
    purge(tasks[0] ?? ''),
    failing(),
    purge(tasks[1] ?? ''),
    purge(tasks[2] ?? ''),
  ])
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(await countPurgedTasks(deps)).toBe(3)
})

test('a task that is purged again while its files are removed is kept for the next time', async () => {
  const { deps, submitWith, purge } = await open()
  const task = await submitWith(['a'])
  deps.clock.advance(1)
  await purge(task)
  deps.clock.advance(graceMs)
  const blobs = {
    ...deps.blobs,
    async remove(digest: Digest, since: number) {
      if ((await countPurgedTasks(deps)) === 1) await purge(task)
      return deps.blobs.remove(digest, since)
    },
  }
  expect(await removePurgedFiles({ ...deps, blobs })).toBe(1)
  expect(await nextFilesAt(deps)).toBe(deps.clock.now() + graceMs)
})

test('the manifests of a journal are told in order from a seq on, however long it is', async () => {
  const { deps, submitWith } = await open()
  const states = Array.from({ length: 450 }, (_, index) => [`file-${index}`])
  const task = await submitWith(...states)
  const all: Digest[] = []
  for await (const manifest of manifestsOf(deps.store, task, 0)) all.push(manifest)
  expect(new Set(all).size).toBe(450)
  const later: Digest[] = []
  for await (const manifest of manifestsOf(deps.store, task, 3 + 440)) later.push(manifest)
  expect(later).toEqual(all.slice(440))
})
