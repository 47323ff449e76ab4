import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldJournal } from '../../src/domain/evolve.ts'
import { purgedDetails } from '../../src/domain/task-details.ts'
import { createTaskReads } from '../../src/store/sqlite/reads/read-tasks.ts'

const writerProcess = fileURLToPath(new URL('./store-writer-process.ts', import.meta.url))

/** Lets a writer work until it has acknowledged so many commits, kills it, and answers with what it had acknowledged by then. */
async function writeAndKill(path: string, round: number, acknowledgements: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [writerProcess, path, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const acknowledged = new Map<string, number>()
  let left = acknowledgements
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [task = '', seq] = line.split(' ')
      // Lines that were in the pipe when it was killed count too: they were acknowledged.
      if (seq !== undefined) acknowledged.set(task, Number(seq))
      left -= 1
      if (left === 0) child.kill('SIGKILL')
    }
  } finally {
    child.kill('SIGKILL')
  }
  const [, signal] = await ended
  expect(signal).toBe('SIGKILL')
  return acknowledged
}

/** What any state of the database must be, whenever its writer died. */
async function expectSound(database: DatabaseSync, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  const reads = createTaskReads(database)
  for (const [task, lastSeq] of acknowledged) {
    const events = await reads.readEvents(task, 0, 1_000)
    expect(events.length).toBeGreaterThanOrEqual(lastSeq)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    const snapshot = await reads.readSnapshot(task)
    const folded = foldJournal(task, events, snapshot?.task ?? purgedDetails)
    expect(snapshot).toEqual({ ...folded, task: { ...folded.task, number: snapshot?.task.number } })
    const contents = events.flatMap((event) => Object.values(event.contents))
    expect((await reads.readContents(contents)).size).toBe(new Set(contents).size)
  }
}

function everyTask(database: DatabaseSync): Map<string, number> {
  const rows = database.prepare('SELECT id, last_seq FROM tasks').all()
  return new Map(rows.map((row) => [String(row['id']), Number(row['last_seq'])]))
}

test('a writer that is killed at any of 50 moments loses nothing that it acknowledged', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mandate-kill-'))
  const path = join(folder, 'mandate.sqlite')
  // 1: as soon as it is ready, which is while the log of the one before is just read; else after some commits.
  const [moments = []] = fc.sample(fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 50, maxLength: 50 }), 1)
  const acknowledged = new Map<string, number>()
  try {
    for (const [round, moment] of moments.entries()) {
      const answers = await writeAndKill(path, round, moment)
      for (const [task, seq] of answers) acknowledged.set(task, seq)
      using database = new DatabaseSync(path)
      await expectSound(database, answers)
    }
    using database = new DatabaseSync(path)
    await expectSound(database, acknowledged)
    await expectSound(database, everyTask(database))
    expect(acknowledged.size).toBeGreaterThan(50)
  } catch (error) {
    throw new Error(`Killed after ${moments.join(', ')} acknowledgements.`, { cause: error })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
