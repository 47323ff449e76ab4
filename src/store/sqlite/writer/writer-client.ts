import { Worker } from 'node:worker_threads'
import { Refusal } from '../../../domain/refusal.ts'
import type { Commit, CommitOutcome } from '../../commit.ts'
import type { StoreHealth } from '../../store.ts'
import { decodeAssigned, encodeCommit } from '../encode/encode-commit.ts'
import {
  closeWriter,
  type EncodedCommit,
  type FromWriter,
  type Reply,
  type StorageProblem,
  type ToWriter,
  type WriterOptions,
} from './encoded-commit.ts'

/** The main thread's side of the writer thread. */
export interface WriterClient {
  commit(commit: Commit): Promise<CommitOutcome>
  health(): StoreHealth
  close(): Promise<void>
}

/** Called when the reason why nothing can be written changes; with undefined when writing works again. */
export type OnStorageProblem = (problem: string | undefined) => void

interface Waiting {
  readonly commit: Commit
  readonly encoded: EncodedCommit
  readonly resolve: (outcome: CommitOutcome) => void
  readonly reject: (error: Error) => void
}

const retryAfterMs = 1_000
/**
 * The number of callers that are answered in one turn of the event loop, so that what they do next does not hold up
 * everything else.
 */
const repliesPerTurn = 16

/** Starts the writer thread. Resolves once it can write. */
export async function startWriter(
  options: WriterOptions,
  commitsWaitingMax: number,
  onProblem?: OnStorageProblem,
): Promise<WriterClient> {
  const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: options, name: 'store-writer' })
  const client = createWriterClient((message) => worker.postMessage(message), commitsWaitingMax, onProblem)
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  let crash: Error | undefined
  worker.on('message', client.receive)
  worker.on('error', (error: Error) => {
    crash = error
  })
  const stopped = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      client.abandon(crash)
      resolve()
    })
  })
  return {
    commit: client.commit,
    health: client.health,
    close: () => {
      client.close()
      return stopped
    },
  }
}

/** Sends commits to the writer and matches its replies, which come in the order of the commits. */
export function createWriterClient(
  send: (message: ToWriter) => void,
  commitsWaitingMax: number,
  onProblem?: OnStorageProblem,
) {
  let unsent: EncodedCommit[] = []
  let waiting: Waiting[] = []
  let unsettled: { readonly one: Waiting; readonly reply: Reply | undefined }[] = []
  let problem: StorageProblem | undefined
  let closed = false

  const sendAll = () => {
    if (unsent.length === 0) return
    send(unsent.some(({ hasBytes }) => hasBytes) ? unsent : JSON.stringify(unsent))
    unsent = []
  }
  // One message is under way at a time. Commits that arrive meanwhile form the next group, so that the threads wake
  // each other as rarely as possible.
  const flush = () => {
    if (waiting.length === unsent.length && unsettled.length === 0) sendAll()
  }
  const settleSome = () => {
    for (const { one, reply } of unsettled.splice(0, repliesPerTurn)) settle(one, reply)
    setImmediate(unsettled.length > 0 ? settleSome : flush)
  }
  const refuse = (): Refusal | undefined => {
    if (closed) return new Refusal('shutting_down', 'The store is closed.')
    if (problem !== undefined) return new Refusal('storage_unavailable', problem.message, { retryAfterMs })
    if (waiting.length < commitsWaitingMax) return undefined
    const message = `More than ${commitsWaitingMax} changes wait for the disk. Try again in a moment.`
    return new Refusal('overloaded', message, { limit: 'commits_waiting_max', retryAfterMs })
  }
  return {
    commit(commit: Commit): Promise<CommitOutcome> {
      return new Promise((resolve, reject) => {
        const refusal = refuse()
        if (refusal !== undefined) throw refusal
        const encoded = encodeCommit(commit)
        // Everything else that this turn of the event loop commits goes into the same message.
        if (unsent.length === 0) setImmediate(flush)
        unsent.push(encoded)
        waiting.push({ commit, encoded, resolve, reject })
      })
    },
    receive(message: FromWriter): void {
      if (message.problem?.message !== problem?.message) onProblem?.(message.problem?.message)
      problem = message.problem
      const taken = waiting.slice(0, message.replies.length)
      waiting = waiting.slice(message.replies.length)
      const idle = unsettled.length === 0
      unsettled = [...unsettled, ...taken.map((one, index) => ({ one, reply: message.replies[index] }))]
      if (idle) settleSome()
    },
    /** Rejects every waiting commit, since the thread has ended and nothing will reply. */
    abandon(crash: Error | undefined): void {
      const message = `The store's writer has stopped${crash === undefined ? '' : `: ${crash.message}`}. Restart the server.`
      if (!closed) onProblem?.(message)
      problem = { message, filesGone: false }
      const refusal = new Refusal('storage_unavailable', message, { retryAfterMs, cause: crash })
      while (unsettled.length > 0) settleSome()
      for (const one of waiting) one.reject(refusal)
      waiting = []
      unsent = []
    },
    close(): void {
      if (closed) return
      closed = true
      sendAll()
      send(closeWriter)
    },
    health: (): StoreHealth => ({
      writable: !closed && problem === undefined,
      problem: problem?.message,
      filesGone: problem?.filesGone ?? false,
      waitingCommits: waiting.length,
    }),
  }
}

function settle({ commit, encoded, resolve, reject }: Waiting, reply: Reply | undefined): void {
  if (typeof reply === 'number') {
    const refused = commit.require?.[reply]
    if (refused === undefined)
      throw new Error(`The writer refused a requirement that the commit does not have (${reply}).`)
    resolve({ committed: false, refused })
  } else if (reply === undefined || !('failure' in reply)) {
    resolve(decodeAssigned(commit, encoded, reply ?? []))
  } else if (reply.failure === 'storage') {
    reject(new Refusal('storage_unavailable', reply.message, { retryAfterMs }))
  } else {
    reject(new Error(`A commit is a defect and was not written: ${reply.message}`))
  }
}
