import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  sampleAt,
  sampleContent,
  sampleTask,
  stepStarted,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { foldJournal, type TaskSnapshot } from '../../domain/evolve.ts'
import { detailsOf } from '../../domain/task-details.ts'
import { contentOf } from '../../proof/digests.ts'
import { append, currentAttempt, journalAt, putContents } from '../commit.ts'
import type { Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

/** The rows are what the journal folds to. The number is the store's own. */
async function expectFolded(store: Store, taskId: string): Promise<void> {
  const events = await store.readEvents(taskId, 0, 100_000)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  const snapshot = await store.readSnapshot(taskId)
  const [first] = events
  if (first?.kind !== 'task.submitted') throw new Error('A journal begins with task.submitted.')
  const digest = first.contents['details'] ?? ''
  const details = detailsOf((await store.readContents([digest])).get(digest))
  const folded = foldJournal(taskId, events, details)
  expect(snapshot).toEqual({ ...folded, task: { ...folded.task, number: snapshot?.task.number } })
}

export function describeJournals(withStore: WithStore): void {
  describe('a journal', () => {
    test(
      'is read as it was written, from any seq, in pieces',
      withStore(async (store) => {
        const sample = sampleTask({ metadata: { ticket: 'A-1', odd: ['ü', null, { deep: true }] } })
        const outcome = await store.commit(submission(sample))
        expect(outcome).toMatchObject({ committed: true, lastSeq: { [sample.task.id]: 3 } })
        const numbered = sample.events.map((event, index) => ({ seq: index + 1, ...event }))
        expect(await store.readEvents(sample.task.id, 0, 10)).toEqual(numbered)
        expect(await store.readEvents(sample.task.id, 1, 1)).toEqual(numbered.slice(1, 2))
        expect(await store.readEvents(sample.task.id, 3, 10)).toEqual([])
        expect(await store.readEvents('absent', 0, 10)).toEqual([])
      }),
    )

    test(
      'gives the rows, from submit over two turns',
      withStore(async (store) => {
        const sample = sampleTask()
        await store.commit(submission(sample))
        await expectFolded(store, sample.task.id)
        let snapshot: TaskSnapshot = sample
        for (const turn of [1, 2]) {
          const start = continuation(snapshot, [claimed(snapshot.run.id, 1, sampleAt + turn)])
          await store.commit(start.commit)
          await expectFolded(store, sample.task.id)
          const end = oneStepRun(start.after, sampleAt + 10 * turn)
          await store.commit(end.commit)
          await expectFolded(store, sample.task.id)
          const next = nextTurn(end.after, sampleAt + 11 * turn)
          await store.commit(next.commit)
          snapshot = next.after
        }
        expect((await store.listRuns(sample.task.id)).map(({ turn }) => turn)).toEqual([1, 2, 3])
      }),
    )

    test(
      'has neither gap nor double under hundreds of commits at once to the same tasks',
      withStore(async (store) => {
        const samples = Array.from({ length: 5 }, () => sampleTask())
        await Promise.all(samples.map((sample) => store.commit(submission(sample))))
        const answers = await Promise.all(
          Array.from({ length: 500 }, async (_, index) => {
            const { task, run } = samples[index % 5] ?? sampleTask()
            const steps = Array.from({ length: 1 + (index % 3) }, (_one, extra) =>
              stepStarted(run.id, 1, index + extra),
            )
            const require = index % 7 === 0 ? [currentAttempt(run.id, 1)] : [] // never claimed: refused
            const outcome = await store.commit({ require, write: [append(task.id, steps)] })
            return outcome.committed
              ? { task: task.id, last: outcome.lastSeq[task.id] ?? 0, count: steps.length }
              : undefined
          }),
        )
        for (const { task } of samples) {
          const events = await store.readEvents(task.id, 0, 10_000)
          expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
          const given = answers.flatMap((answer) =>
            answer?.task === task.id ? Array.from({ length: answer.count }, (_, back) => answer.last - back) : [],
          )
          expect(given.toSorted((a, b) => a - b)).toEqual(events.slice(3).map(({ seq }) => seq))
          expect((await store.readTask(task.id))?.lastSeq).toBe(events.length)
        }
      }),
    )

    test(
      'lets one of two appends through that both require the same seq',
      withStore(async (store) => {
        const { task, run, ...rest } = sampleTask()
        await store.commit(submission({ task, run, ...rest }))
        const write = [append(task.id, [stepStarted(run.id, 1, 1)])]
        const both = await Promise.all([1, 2].map(() => store.commit({ require: [journalAt(task.id, 3)], write })))
        expect(both.map(({ committed }) => committed)).toEqual([true, false])
      }),
    )

    test(
      'is seen by a read as soon as its commit was acknowledged',
      withStore(async (store) => {
        for (let round = 0; round < 50; round += 1) {
          const sample = sampleTask()
          await store.commit(submission(sample))
          expect(await store.readTask(sample.task.id)).toMatchObject({ lastSeq: 3, state: 'queued' })
        }
      }),
    )

    test(
      'whatever is written to whichever task in whatever groups, the rows are its fold (property)',
      withStore(async (store) => {
        const moves = fc.array(fc.record({ task: fc.nat(3), at: fc.nat(1_000), together: fc.boolean() }), {
          maxLength: 60,
        })
        await fc.assert(
          fc.asyncProperty(moves, async (script) => {
            const samples = Array.from({ length: 4 }, () => sampleTask())
            await Promise.all(samples.map((sample) => store.commit(submission(sample))))
            const rows: TaskSnapshot[] = samples.map(({ task, run }) => ({ task, run }))
            let pending: Promise<unknown>[] = []
            for (const { task, at, together } of script) {
              const snapshot = rows[task] ?? sampleTask()
              const { commit, after } = step(snapshot, sampleAt + at)
              rows[task] = after
              pending.push(store.commit(commit))
              if (together) continue
              await Promise.all(pending)
              pending = []
            }
            await Promise.all(pending)
            for (const row of rows) await expectFolded(store, row.task.id)
          }),
          { numRuns: 25 },
        )
      }),
    )
  })

  describe('contents', () => {
    test(
      'come back as they were: text, bytes, and sealed bytes',
      withStore(async (store) => {
        const { task, ...rest } = sampleTask()
        await store.commit(submission({ task, ...rest }))
        const salt = 'ab'.repeat(16)
        const large = Buffer.alloc(100_000, 7).subarray(10, 90_000)
        const all = [
          contentOf(salt, 'naïve \u0000 \u{1F600} text', 'text/plain; charset=utf-8'),
          contentOf(salt, '', 'text/plain; charset=utf-8'),
          contentOf(salt, new Uint8Array([0, 255, 128]), 'application/octet-stream'),
          contentOf(salt, new Uint8Array(large), 'application/octet-stream'),
          contentOf(salt, new Uint8Array([1, 2, 3]), 'application/jose', true),
        ]
        await store.commit({ write: [putContents(task.id, all)] })
        const digests = [...all.map(({ digest }) => digest), sampleContent('absent').digest]
        expect([...(await store.readContents(digests)).values()]).toEqual(all)
      }),
    )

    test(
      'may belong to no task, and may be put twice',
      withStore(async (store) => {
        const content = sampleContent('You are a careful assistant.')
        await store.commit({ write: [putContents(null, [content])] })
        await store.commit({ write: [putContents(null, [content])] })
        expect(await store.readContents([content.digest])).toEqual(new Map([[content.digest, content]]))
      }),
    )

    test(
      'of part of a buffer are that part only',
      withStore(async (store) => {
        const whole = Buffer.from('secret-public-secret')
        const content = contentOf('cd'.repeat(16), whole.subarray(7, 13), 'application/octet-stream')
        await store.commit({ write: [putContents(null, [content])] })
        const body = (await store.readContents([content.digest])).get(content.digest)?.body
        expect(Buffer.from(body ?? '').toString()).toBe('public')
      }),
    )
  })

  describe('a task', () => {
    test(
      'is changed by save_task and save_manifest, and absent ones are undefined',
      withStore(async (store) => {
        const { task, ...rest } = sampleTask()
        await store.commit(submission({ task, ...rest }))
        await store.commit({
          write: [
            { kind: 'save_task', task: task.id, title: 'Better', visibility: 'public', metadata: { a: 1 } },
            { kind: 'save_manifest', task: task.id, manifest: 'sha256:1' },
          ],
        })
        const changed = { title: 'Better', visibility: 'public', metadata: { a: 1 }, manifest: 'sha256:1' }
        expect(await store.readTask(task.id)).toEqual({ ...task, ...changed, number: expect.any(Number) })
        expect(await store.readTask('absent')).toBeUndefined()
        expect(await store.readTaskByNumber(999_999)).toBeUndefined()
        expect(await store.readSnapshot('absent')).toBeUndefined()
        expect(await store.readRun('absent')).toBeUndefined()
      }),
    )
  })
}

/** What comes next in a task's life. */
function step(snapshot: TaskSnapshot, at: number) {
  const { run } = snapshot
  if (run.state === 'queued') return continuation(snapshot, [claimed(run.id, run.attempt + 1, at)])
  if (run.endedAt !== null) return nextTurn(snapshot, at)
  if (at % 3 > 0) return oneStepRun(snapshot, at)
  const lost = { attempt: run.attempt, reason: 'died' } as const
  return continuation(snapshot, [
    { kind: 'attempt.lost', run: run.id, attempt: run.attempt, at, contents: {}, facts: lost },
  ])
}
