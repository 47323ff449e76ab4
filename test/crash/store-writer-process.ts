import { createSqliteStore } from '../../src/store/sqlite/create-sqlite-store.ts'
import { claimed, continuation, nextTurn, oneStepRun, sampleTask, submission } from '../support/sample-tasks.ts'

// A process that writes until it is killed. Each line it prints is one acknowledged commit: a task's id and its last seq.
const [path = '', round = ''] = process.argv.slice(2)
const store = await createSqliteStore({ path, commitsWaitingMax: 1_000, checkpointPages: 60 })

/** Lives through many tasks, one after the other; several of these write at once. */
async function writer(name: number): Promise<never> {
  for (let turn = 0; ; turn += 1) {
    const id = `${round}-${name}-${turn}`
    const sample = sampleTask({ id, runId: `run-${id}`, ownerId: `owner-${name}` })
    await acknowledged(store.commit(submission(sample)))
    const claim = continuation(sample, [claimed(sample.run.id, 1)])
    await acknowledged(store.commit(claim.commit))
    const end = oneStepRun(claim.after)
    await acknowledged(store.commit(end.commit))
    await acknowledged(store.commit(nextTurn(end.after, undefined, `again-${id}`).commit))
  }
}

async function acknowledged(commit: ReturnType<typeof store.commit>): Promise<void> {
  const outcome = await commit
  if (!outcome.committed) throw new Error(`Refused: ${outcome.refused.name}.`)
  for (const [task, seq] of Object.entries(outcome.lastSeq)) process.stdout.write(`${task} ${seq}\n`)
}

process.stdout.write('ready\n')
await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)))
