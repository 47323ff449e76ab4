import { createSqliteStore } from '../../src/store/sqlite/create-sqlite-store.ts'
import { sampleTask, submission } from '../support/sample-tasks.ts'
import { until } from '../support/until.ts'

// A process whose files may not grow beyond what its parent has set. Prints each task that was acknowledged, what the store
// says when it can write no more, and when it can again.
const [path = ''] = process.argv.slice(2)
const store = await createSqliteStore({ path, commitsWaitingMax: 1_000, probeMs: 20 })

async function submitOne(): Promise<void> {
  const sample = sampleTask({ text: 'x'.repeat(5_000) })
  await store.commit(submission(sample))
  process.stdout.write(`task ${sample.task.id}\n`)
}

try {
  for (;;) await submitOne()
} catch (error) {
  if (store.health().writable) throw error
}
process.stdout.write(`unwell ${store.health().problem}\n`)
await until('the store to be writable', () => store.health().writable)
await submitOne()
process.stdout.write('well\n')
await store.close()
