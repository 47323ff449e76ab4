import { describe, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  type SampleOptions,
  sampleAt,
  sampleContent,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { purgedPlaceholder } from '../../domain/content.ts'
import { dayMs } from '../../domain/durations.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { append, notHeld, putContents, type Write } from '../commit.ts'
import type { Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

/** A task whose only run has ended. */
async function ended(store: Store, options: SampleOptions = {}, at = sampleAt): Promise<TaskSnapshot> {
  const sample = sampleTask({ retentionDays: 2, ...options })
  const start = continuation(sample, [claimed(sample.run.id, 1, at)])
  const end = oneStepRun(start.after, at)
  for (const commit of [submission(sample), start.commit, end.commit]) await store.commit(commit)
  return end.after
}

const unowned = { run: null, attempt: null, contents: {} }
const held = (at: number): NewEvent => ({
  ...unowned,
  kind: 'task.hold_placed',
  at,
  facts: { by: 'owner-1', reason: 'Case 7' },
})
const lifted = (at: number): NewEvent => ({ ...unowned, kind: 'task.hold_lifted', at, facts: { by: 'owner-1' } })
const purged = (at: number): NewEvent => ({
  ...unowned,
  kind: 'task.purged',
  at,
  facts: { by: 'owner-1', reason: 'request', contents: 2 },
})

/** Digests of all contents that a journal speaks of. */
async function digestsOf(store: Store, { task }: TaskSnapshot): Promise<string[]> {
  const events = await store.readEvents(task.id, 0, 100)
  return events.flatMap(({ contents }) => Object.values(contents))
}

/** The row as it is read alone and in a list: a store that remembers answers these from two places. */
async function rowsOf(store: Store, { task }: TaskSnapshot) {
  const listed = await store.listTasks({}, { limit: 100 })
  return [await store.readTask(task.id), listed.find(({ id }) => id === task.id)]
}

export function describeRetention(withStore: WithStore): void {
  describe('contents of a task', () => {
    test(
      'are kept from the end of its run for as long as the run says, and until then while another has not ended',
      withStore(async (store) => {
        const first = await ended(store)
        const purgeAt = sampleAt + 2 * dayMs
        for (const row of await rowsOf(store, first)) expect(row).toMatchObject({ purgeAt, purgedAt: null, hold: null })
        expect(await store.listPurgeable(purgeAt - 1, 10)).toEqual([])
        expect(await store.listPurgeable(purgeAt, 10)).toEqual([first.task.id])
        const again = nextTurn(first)
        await store.commit(again.commit)
        for (const row of await rowsOf(store, first)) expect(row).toMatchObject({ purgeAt: null })
        // That the older run is saved once more changes nothing.
        await store.commit({ write: [{ kind: 'save_run', run: first.run }] })
        for (const row of await rowsOf(store, first)) expect(row).toMatchObject({ purgeAt: null })
        expect(await store.listPurgeable(purgeAt, 10)).toEqual([])
      }),
    )

    test(
      'are listed when their time has come, longest due first, and the next time is known',
      withStore(async (store) => {
        const late = await ended(store, { retentionDays: 3 })
        const early = await ended(store, { retentionDays: 1 })
        await store.commit(submission(sampleTask()))
        const [first, last] = [sampleAt + dayMs, sampleAt + 3 * dayMs]
        expect(await store.listPurgeable(last, 10)).toEqual([early.task.id, late.task.id])
        expect(await store.listPurgeable(last, 1)).toEqual([early.task.id])
        expect(await store.nextPurgeAt(0)).toBe(first)
        expect(await store.nextPurgeAt(first)).toBe(last)
        expect(await store.nextPurgeAt(last)).toBeUndefined()
      }),
    )

    test(
      'are kept whatever happens while a hold is on the task',
      withStore(async (store) => {
        const snapshot = await ended(store)
        const [at, require] = [sampleAt + 1, [notHeld(snapshot.task.id)]]
        const hold = continuation(snapshot, [held(at)])
        expect(await store.commit({ require, write: hold.commit.write })).toMatchObject({ committed: true })
        expect(await store.commit({ require, write: [] })).toMatchObject({ committed: false, refused: require[0] })
        for (const row of await rowsOf(store, snapshot)) expect(row).toMatchObject({ hold: 'Case 7' })
        expect(await store.listPurgeable(sampleAt + 9 * dayMs, 10)).toEqual([])
        expect(await store.nextPurgeAt(0)).toBeUndefined()
        const lift = continuation(hold.after, [lifted(at)])
        await store.commit(lift.commit)
        expect(await store.commit({ require, write: [] })).toMatchObject({ committed: true })
        expect(await store.listPurgeable(sampleAt + 9 * dayMs, 10)).toEqual([snapshot.task.id])
      }),
    )
  })

  describePurge(withStore)
  describeManifests(withStore)
  describeChangedTasks(withStore)
}

function describePurge(withStore: WithStore): void {
  describe('a purge', () => {
    const purge = (task: string): Write => ({ kind: 'purge_contents', task })

    test(
      'takes all contents of its task at once, title and metadata too, and of no other',
      withStore(async (store) => {
        const snapshot = await ended(store, {
          metadata: { patient: 'Ada' },
          extension: { chat: 'c-1', private: { title: 'Ada' } },
          runExtension: { files: ['Ada.txt'] },
        })
        await store.commit({ write: [{ kind: 'save_manifest', task: snapshot.task.id, manifest: 'sha256:1' }] })
        const other = await ended(store)
        const [own, others] = [await digestsOf(store, snapshot), await digestsOf(store, other)]
        expect((await store.readContents(own)).size).toBe(3)
        const { commit, after } = continuation(snapshot, [purged(sampleAt + 5)])
        await store.commit({ write: [...commit.write, purge(snapshot.task.id)] })
        expect(await store.readContents(own)).toEqual(new Map())
        expect((await store.readContents(others)).size).toBe(3)
        const { number: _assigned, lastSeq, ...gone } = after.task
        expect(gone).toMatchObject({ title: purgedPlaceholder, purgedAt: sampleAt + 5, extension: { chat: 'c-1' } })
        expect((await store.readTask(snapshot.task.id))?.lastSeq).toBe(lastSeq)
        for (const row of await rowsOf(store, snapshot)) expect(row).toEqual(expect.objectContaining(gone))
        expect(await store.listPurgeable(sampleAt + 900 * dayMs, 10)).toEqual([other.task.id])
        for (const run of [await store.readRun(after.run.id), (await store.readSnapshot(after.task.id))?.run]) {
          expect(run).toEqual({ ...after.run, config: { ...after.run.config, extension: {} } })
        }
        expect((await store.readEvents(snapshot.task.id, 0, 100)).at(-1)?.kind).toBe('task.purged')
        // Nothing that is saved of the ended run makes it purgeable again.
        await store.commit({ write: [{ kind: 'save_run', run: after.run }] })
        await store.commit({ write: [{ kind: 'save_run', run: after.run }, append(after.task.id, [lifted(sampleAt)])] })
        for (const row of await rowsOf(store, snapshot)) expect(row).toMatchObject({ ...gone, updatedAt: sampleAt })
      }),
    )

    test(
      'leaves a content that another task has too',
      withStore(async (store) => {
        const [one, two] = [await ended(store), await ended(store)]
        const both = sampleContent('a result that was handed on')
        await store.commit({ write: [putContents(one.task.id, [both]), putContents(two.task.id, [both])] })
        await store.commit({ write: [purge(two.task.id)] })
        expect(await store.readContents([both.digest])).toEqual(new Map([[both.digest, both]]))
        await store.commit({ write: [purge(one.task.id)] })
        expect(await store.readContents([both.digest])).toEqual(new Map())
      }),
    )

    test(
      'is undone by a next run: its contents are kept from its own end',
      withStore(async (store) => {
        const snapshot = await ended(store)
        const gone = continuation(snapshot, [purged(sampleAt + 5)])
        await store.commit({ write: [...gone.commit.write, purge(snapshot.task.id)] })
        const again = nextTurn(gone.after, sampleAt + 6)
        await store.commit(again.commit)
        for (const row of await rowsOf(store, snapshot)) expect(row).toMatchObject({ purgeAt: null, purgedAt: null })
        const start = continuation(again.after, [claimed(again.after.run.id, 1, sampleAt + 7)])
        await store.commit(start.commit)
        await store.commit(oneStepRun(start.after, sampleAt + 8).commit)
        const purgeAt = sampleAt + 8 + 365 * dayMs
        for (const row of await rowsOf(store, snapshot)) expect(row).toMatchObject({ purgeAt, purgedAt: null })
        expect((await store.readContents(await digestsOf(store, snapshot))).size).toBe(1)
      }),
    )
  })
}

function describeManifests(withStore: WithStore): void {
  describe('manifests of workspaces', () => {
    test(
      'are listed each once, of all tasks that have one now',
      withStore(async (store) => {
        const made: TaskSnapshot[] = []
        for (let count = 0; count < 5; count += 1) made.push(await ended(store))
        const [first, second, third, fourth] = made.map(({ task }) => task.id)
        const save = (task = '', manifest = '') => store.commit({ write: [{ kind: 'save_manifest', task, manifest }] })
        await save(first, 'sha256:old')
        await save(first, 'sha256:1')
        await save(second, 'sha256:2')
        await save(third, 'sha256:1')
        await save(fourth, 'sha256:gone')
        await store.commit({ write: [{ kind: 'purge_contents', task: fourth ?? '' }] })
        const all = new Set<string>()
        for (let after: number | undefined = 0; after !== undefined; ) {
          const page: Awaited<ReturnType<Store['listManifests']>> = await store.listManifests(after)
          for (const manifest of page.manifests) all.add(manifest)
          after = page.next
        }
        expect(all).toEqual(new Set(['sha256:1', 'sha256:2']))
      }),
    )
  })
}

function describeChangedTasks(withStore: WithStore): void {
  describe('tasks that were changed since', () => {
    test(
      'are listed by their numbers, in pages',
      withStore(async (store) => {
        const made = []
        for (const at of [5, 1, 7, 9]) made.push(await ended(store, { at: sampleAt }, sampleAt + at))
        const rows = await Promise.all(made.map(({ task }) => store.readTask(task.id)))
        const [first, , third, fourth] = rows.map((row) => ({ id: row?.id, number: row?.number }))
        expect(await store.listTasksSince(sampleAt + 5, 0, 10)).toEqual([first, third, fourth])
        expect(await store.listTasksSince(sampleAt + 5, 0, 2)).toEqual([first, third])
        expect(await store.listTasksSince(sampleAt + 5, third?.number ?? 0, 2)).toEqual([fourth])
        expect(await store.listTasksSince(sampleAt + 10, 0, 2)).toEqual([])
      }),
    )
  })
}
