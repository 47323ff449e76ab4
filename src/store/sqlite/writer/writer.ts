import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { emptyWriteAheadLog, openForWriting } from '../open-database.ts'
import {
  closeWriter,
  type EncodedCommit,
  type FromWriter,
  type Reply,
  type StorageProblem,
  type ToWriter,
  type WriterOptions,
} from './encoded-commit.ts'
import { watchFiles } from './watch-files.ts'
import { createWriteGroup, StorageFailed } from './write-group.ts'

// The writer thread, which is the only place that changes the database. The messages that wait on the port when the
// last sync returned form the next group, and its replies go back in one message after the COMMIT.

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

/**
 * The bytes that a probe writes for each commit that could not be written: about as much as a commit needs with its
 * indexes.
 */
const probeBytesPerCommit = 128 * 1024
const probeBytesMax = 4 * 1024 * 1024

/** The interval at which the files are looked at while nothing is committed. */
const watchMs = 1_000
const files = watchFiles(options.path)
files.findGone()

let problem: StorageProblem | undefined
let probeBytes = probeBytesPerCommit
let probe: NodeJS.Timeout | undefined
let emptying: NodeJS.Timeout | undefined

function answerAll(group: readonly EncodedCommit[]): readonly Reply[] {
  if (!stopIfGone() && problem === undefined) {
    try {
      const replies = writeGroup(group)
      // The files may have been removed while the group was written. Only after this is it known to be kept.
      if (!stopIfGone()) return replies
    } catch (error) {
      if (!(error instanceof StorageFailed)) throw error
      probeBytes = Math.min(group.length * probeBytesPerCommit, probeBytesMax)
      stop({ message: error.message, filesGone: false })
    }
  }
  const message = problem?.message ?? ''
  return group.map(() => ({ failure: 'storage', message }))
}

function stop(found: StorageProblem): void {
  problem = found
  probe ??= setInterval(tryAgain, options.probeMs)
}

/** Stops writing where the files are gone. Returns whether they are. */
function stopIfGone(): boolean {
  const message = files.findGone()
  if (message !== undefined && problem?.filesGone !== true) stop({ message, filesGone: true })
  return message !== undefined
}

/**
 * Writes a row and deletes it, to learn whether writing works again. It is as large as the group that could not be
 * written: a disk with room for a small row only would be called healthy and fail the next commit, again and again.
 */
function tryAgain(): void {
  if (files.findGone() !== undefined) return
  try {
    database.exec(`INSERT OR REPLACE INTO probe (row, bytes) VALUES (1, randomblob(${probeBytes}))`)
    database.exec('DELETE FROM probe')
  } catch {
    return // The disk still refuses, and the problem is already reported.
  }
  clearInterval(probe)
  probe = undefined
  problem = undefined
  post([])
}

/** Finds files that were removed while nothing is committed. */
const watch = setInterval(() => {
  const before = problem
  if (stopIfGone() && problem !== before) post([])
}, watchMs)

/**
 * Empties the write-ahead log soon after a purge, so that the purged contents leave the files. It is a separate step,
 * so that successive purges pay for it once and no commit waits for it. After a crash the next start empties the log in
 * any case.
 */
function emptyLogSoon(): void {
  emptying ??= setTimeout(() => {
    emptying = undefined
    let isEmpty = false
    try {
      isEmpty = emptyWriteAheadLog(database)
    } catch {
      // The disk refuses. The next commit reports it.
    }
    if (!isEmpty) emptyLogSoon()
  }, emptyAfterMs)
}

function post(replies: readonly Reply[]): void {
  port.postMessage({ replies, problem } satisfies FromWriter)
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
    clearInterval(watch)
    clearTimeout(emptying)
    database.close()
    port.close()
  }
})
post([])
