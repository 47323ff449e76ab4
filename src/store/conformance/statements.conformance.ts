import { describe, expect, test } from 'vitest'
import { sampleHead, sampleStatement, unownedStatement } from '../../../test/support/sample-log.ts'
import {
  claimed,
  continuation,
  nextTurn,
  oneStepRun,
  sampleAt,
  sampleId,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { SignedStatement } from '../../domain/statement.ts'
import { unclosedRun, unrevoked, type Write } from '../commit.ts'
import type { LoggedStatement, Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

const startLog = (logId: string): Write => ({ kind: 'start_log', logId, at: sampleAt })
const add = (...statements: SignedStatement[]): Write => ({ kind: 'add_statements', statements })

/** A store with a log and a task. */
async function open(store: Store): Promise<TaskSnapshot> {
  const sample = sampleTask()
  await store.commit({ write: [startLog('log-1')] })
  await store.commit(submission(sample))
  return sample
}

/** Ends the run that is queued. */
async function end(store: Store, snapshot: TaskSnapshot, at = sampleAt): Promise<TaskSnapshot> {
  const start = continuation(snapshot, [claimed(snapshot.run.id, 1, at)])
  const ended = oneStepRun(start.after, at)
  await store.commit(start.commit)
  await store.commit(ended.commit)
  return ended.after
}

const logged = (statements: readonly SignedStatement[], first = 0, logId = 'log-1'): LoggedStatement[] =>
  statements.map((statement, index) => ({ ...statement, logId, leafIndex: first + index }))

export function describeStatements(withStore: WithStore): void {
  describe('statements', () => {
    test(
      'come back as they were, in the order of the log, by task, by run and by digest',
      withStore(async (store) => {
        const first = await open(store)
        const ofFirst = ['certificate', 'settlement'].map((kind) => sampleStatement(first, kind as 'certificate'))
        await store.commit({ write: [add(...ofFirst)] })
        const ended = await end(store, first)
        const again = nextTurn(ended)
        const ofAgain = sampleStatement(again.after, 'refusal')
        // In the commit that makes their run, too.
        await store.commit({ ...again.commit, write: [...again.commit.write, add(ofAgain)] })
        const late = sampleStatement(first, 'closing', null)
        await store.commit({ write: [add(late)] })
        const all = logged([...ofFirst, ofAgain, late])
        expect(await store.listStatements(first.task.id)).toEqual(all)
        expect(await store.listStatements(first.task.id, first.run.id)).toEqual(all.filter((_, at) => at !== 2))
        expect(await store.listStatements(first.task.id, again.after.run.id)).toEqual([all[2]])
        expect(await store.readStatement(ofAgain.digest)).toEqual(all[2])
        expect(await store.readStatement(unownedStatement().digest)).toBeUndefined()
        expect(await store.listStatements('absent')).toEqual([])
        expect(await store.countStatements(first.run.id)).toEqual({ certificate: 1, settlement: 1, closing: 1 })
        expect(await store.countStatements('absent')).toEqual({})
      }),
    )

    test(
      'that belong to no task are listed apart',
      withStore(async (store) => {
        const snapshot = await open(store)
        const unowned = unownedStatement()
        await store.commit({ write: [add(sampleStatement(snapshot), unowned)] })
        expect(await store.listUnownedStatements()).toEqual(logged([unowned], 1))
      }),
    )

    test(
      'are numbered without a gap, whatever is wrong with the commits beside theirs',
      withStore(async (store) => {
        const snapshot = await open(store)
        const settled = await Promise.allSettled(
          Array.from({ length: 60 }, (_, index) => {
            const absent = { ...snapshot, run: { ...snapshot.run, id: 'absent' } }
            const bad = index % 3 === 1 ? [add(sampleStatement(absent))] : []
            return store.commit({ write: [add(sampleStatement(snapshot), sampleStatement(snapshot)), ...bad] })
          }),
        )
        expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(20)
        const indices = (await store.listStatements(snapshot.task.id)).map(({ leafIndex }) => leafIndex)
        expect(indices).toEqual(Array.from({ length: 80 }, (_, index) => index))
        expect(await store.readLog()).toEqual({ logId: 'log-1', size: 80 })
      }),
    )

    test(
      'without a log, or of a run that is not there, are a defect of their commit',
      withStore(async (store) => {
        const sample = sampleTask()
        await store.commit(submission(sample))
        await expect(store.commit({ write: [add(sampleStatement(sample))] })).rejects.toThrow('defect')
        await store.commit({ write: [startLog('log-1')] })
        const ofNoRun = { ...sampleStatement(sample), run: null }
        await expect(store.commit({ write: [add(ofNoRun)] })).rejects.toThrow('one of its runs')
        expect(await store.readLog()).toEqual({ logId: 'log-1', size: 0 })
      }),
    )

    test(
      'take back a certificate: it is unrevoked until the log holds its revocation, and others stay',
      withStore(async (store) => {
        const snapshot = await open(store)
        const certificates = [sampleStatement(snapshot), sampleStatement(snapshot)]
        await store.commit({ write: [add(...certificates)] })
        const [taken, kept] = certificates
        if (taken === undefined || kept === undefined) throw new Error('Two were made.')
        const begin = (of: SignedStatement) => store.commit({ require: [unrevoked(of.digest)], write: [] })
        expect(await begin(taken)).toMatchObject({ committed: true })
        await store.commit({ write: [add(sampleStatement(snapshot, 'revocation', taken.action))] })
        expect(await begin(taken)).toMatchObject({ committed: false, refused: unrevoked(taken.digest) })
        expect(await begin(kept)).toMatchObject({ committed: true })
        expect(await begin(unownedStatement())).toMatchObject({ committed: true })
      }),
    )
  })

  describe('a run', () => {
    test(
      'is unclosed from its end until close_run',
      withStore(async (store) => {
        const [early, late] = [sampleTask(), sampleTask()]
        for (const sample of [early, late, sampleTask()]) await store.commit(submission(sample))
        expect(await store.listUnclosedRuns(10)).toEqual([])
        await end(store, late, sampleAt + 10)
        await end(store, early, sampleAt + 5)
        const [first, second] = [early, late].map(({ task, run }) => ({ taskId: task.id, runId: run.id }))
        expect(await store.listUnclosedRuns(10)).toEqual([first, second])
        expect(await store.listUnclosedRuns(1)).toEqual([first])
        const close = {
          require: [unclosedRun(early.run.id)],
          write: [{ kind: 'close_run', run: early.run.id } as const],
        }
        expect(await store.commit(close)).toMatchObject({ committed: true })
        expect(await store.commit(close)).toMatchObject({ committed: false, refused: unclosedRun(early.run.id) })
        expect(await store.listUnclosedRuns(10)).toEqual([second])
        expect(await store.commit({ require: [unclosedRun('absent')], write: [] })).toMatchObject({ committed: false })
      }),
    )
  })

  describeLog(withStore)
}

function describeLog(withStore: WithStore): void {
  describe('the log', () => {
    test(
      'is absent before the first, and its leaves are read in order from any index',
      withStore(async (store) => {
        expect(await store.readLog()).toBeUndefined()
        expect(await store.listLeaves('log-1', 0, 10)).toEqual([])
        const snapshot = await open(store)
        const statements = Array.from({ length: 5 }, () => sampleStatement(snapshot))
        await store.commit({ write: [add(...statements)] })
        const leaves = statements.map(({ leaf }) => leaf)
        expect(await store.listLeaves('log-1', 0, 10)).toEqual(leaves)
        expect(await store.listLeaves('log-1', 2, 2)).toEqual(leaves.slice(2, 4))
        expect(await store.listLeaves('log-1', 5, 2)).toEqual([])
      }),
    )

    test(
      'gives way to another that starts at no leaves; what the old one has stays',
      withStore(async (store) => {
        const snapshot = await open(store)
        const old = [sampleStatement(snapshot), sampleStatement(snapshot)]
        await store.commit({ write: [add(...old)] })
        await store.commit({ write: [startLog('log-empty')] })
        const young = sampleStatement(snapshot)
        await store.commit({ write: [startLog('log-2'), add(young)] })
        expect(await store.readLog()).toEqual({ logId: 'log-2', size: 1 })
        expect(await store.listStatements(snapshot.task.id)).toEqual([...logged(old), ...logged([young], 0, 'log-2')])
        expect(await store.listLeaves('log-1', 0, 10)).toEqual(old.map(({ leaf }) => leaf))
        expect(await store.listLeaves('log-1', 1, 10)).toEqual([old[1]?.leaf])
        expect(await store.listLeaves('log-empty', 0, 10)).toEqual([])
        expect(await store.listLeaves('log-2', 0, 10)).toEqual([young.leaf])
        await expect(store.commit({ write: [startLog('log-1')] })).rejects.toThrow('defect')
      }),
    )

    test(
      'keeps its newest head, and one head for each log',
      withStore(async (store) => {
        await open(store)
        await store.commit({ write: [startLog('log-2')] })
        const put = (logId: string, size: number): Write => ({
          kind: 'put_log_head',
          head: sampleHead(logId, size),
          nodes: [],
        })
        expect(await store.readLogHead('log-1')).toBeUndefined()
        await store.commit({ write: [put('log-1', 3), put('log-2', 1)] })
        await store.commit({ write: [put('log-1', 7)] })
        await store.commit({ write: [put('log-1', 5)] })
        expect(await store.readLogHead('log-1')).toEqual(sampleHead('log-1', 7))
        expect(await store.readLogHead('log-2')).toEqual(sampleHead('log-2', 1))
        await expect(store.commit({ write: [put('log-3', 1)] })).rejects.toThrow('defect')
      }),
    )

    test(
      'answers for each node by its level and index: leaves, perfect subtrees, and what is not there',
      withStore(async (store) => {
        const snapshot = await open(store)
        const statements = Array.from({ length: 4 }, () => sampleStatement(snapshot))
        await store.commit({ write: [add(...statements), startLog('log-2'), add(sampleStatement(snapshot))] })
        const node = (level: number, index: number) => ({ level, index, hash: unownedStatement().leaf })
        const nodes = [node(1, 0), node(1, 1), node(2, 0)]
        await store.commit({ write: [{ kind: 'put_log_head', head: sampleHead('log-1', 4), nodes }] })
        // A node that is put again stays as it is.
        const again = [node(1, 0), node(1, 2)]
        await store.commit({ write: [{ kind: 'put_log_head', head: sampleHead('log-1', 4), nodes: again }] })
        const places = [...nodes, again[1], { level: 0, index: 3 }, { level: 0, index: 4 }, { level: 3, index: 0 }]
        const wanted = places.flatMap((place) => (place === undefined ? [] : [place]))
        const hashes = [...nodes.map(({ hash }) => hash), again[1]?.hash, statements[3]?.leaf, undefined, undefined]
        expect(await store.readLogNodes('log-1', wanted)).toEqual(hashes)
        expect(await store.readLogNodes('log-2', [{ level: 1, index: 0 }])).toEqual([undefined])
        expect(await store.readLogNodes(sampleId(), [{ level: 0, index: 0 }])).toEqual([undefined])
      }),
    )
  })
}
