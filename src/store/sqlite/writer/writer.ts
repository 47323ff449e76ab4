import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { emptyWriteAheadLog, openForWriting } from '../open-database.ts'
import {
  type Answer,
  closeWriter,
  type EncodedCommit,
  type FromWriter,
  type ToWriter,
  type WriterOptions,
} from './encoded-commit.ts'
import { createWriteGroup, StorageFailed } from './write-group.ts'

// The writer thread: the only place that changes the database. What waits on the port when the last sync returned is the
// next group; its answers go back in one message after the COMMIT.

if (parentPort === null) throw new Error('The writer runs as a worker thread.')
const port = parentPort
const options: WriterOptions = workerData
const database = openForWriting(options.path, options.durability)
database.exec(`PRAGMA wal_autocheckpoint = ${options.checkpointPages}`)
if (options.pagesMax > 0) database.exec(`PRAGMA max_page_count = ${options.pagesMax}`)

const emptyAfterMs = 250
const sleeper = new Int32Array(new SharedArrayBuffer(4))
const writeGroup = createWriteGroup(database, options.sql, () => {
  if (options.syncDelayMs > 0) Atomics.wait(sleeper, 0, 0, options.syncDelayMs)
})

/** What a probe writes for each commit that could not be written: about as much as a commit does, its indexes included. */
const probeBytesPerCommit = 128 * 1024
const probeBytesMax = 4 * 1024 * 1024

let problem: string | undefined
let probeBytes = probeBytesPerCommit
let probe: NodeJS.Timeout | undefined
let emptying: NodeJS.Timeout | undefined

function answerAll(group: readonly EncodedCommit[]): readonly Answer[] {
  if (problem === undefined) {
    try {
      return writeGroup(group)
    } catch (error) {
      if (!(error instanceof StorageFailed)) throw error
      problem = error.message
      probeBytes = Math.min(group.length * probeBytesPerCommit, probeBytesMax)
      probe = setInterval(tryAgain, options.probeMs)
    }
  }
  const message = problem
  return group.map(() => ({ failure: 'storage', message }))
}

/**
 * Writes a row and takes it away again, only to see whether that can be done. It is as large as what could not be written: a
 * disk that has room for a small row only would be called well and fail the next commit, again and again.
 */
function tryAgain(): void {
  try {
    database.exec(`INSERT OR REPLACE INTO probe (row, bytes) VALUES (1, randomblob(${probeBytes}))`)
    database.exec('DELETE FROM probe')
  } catch {
    return // still unwell; the problem is told already
  }
  clearInterval(probe)
  problem = undefined
  post([])
}

/**
 * What was purged leaves the files soon after its commit: apart from it, so that purges in a row pay for it once, and what
 * waits for a group does not wait for this. After a crash the next start empties the log in any case.
 */
function emptyLogSoon(): void {
  emptying ??= setTimeout(() => {
    emptying = undefined
    let isEmpty = false
    try {
      isEmpty = emptyWriteAheadLog(database)
    } catch {
      // The disk refuses; the next commit tells of it.
    }
    if (!isEmpty) emptyLogSoon()
  }, emptyAfterMs)
}

function post(answers: readonly Answer[]): void {
  port.postMessage({ answers, problem } satisfies FromWriter)
}

port.on('message', (first: ToWriter) => {
  const group: EncodedCommit[] = []
  let message: ToWriter | undefined = first
  while (message !== undefined && message !== closeWriter) {
    const commits: readonly EncodedCommit[] = typeof message === 'string' ? JSON.parse(message) : message
    group.push(...commits)
    message = receiveMessageOnPort(port)?.message
  }
  if (group.length > 0) post(answerAll(group))
  if (group.some(({ purges }) => purges)) emptyLogSoon()
  if (message === closeWriter) {
    clearInterval(probe)
    clearTimeout(emptying)
    database.close()
    port.close()
  }
})
post([])
