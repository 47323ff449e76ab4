import type { BudgetView } from '../api/native/contract/budget.ts'
import type { EventPage, EventView } from '../api/native/contract/event.ts'
import type { FileList } from '../api/native/contract/file.ts'
import type { StatementPage } from '../api/native/contract/statement.ts'
import type { TaskPage, TaskView } from '../api/native/contract/task.ts'
import type { CreateMessage, CreateTask, TaskFilterQuery } from '../api/native/contract/task-requests.ts'
import { type FollowDeps, type FollowOptions, followJournal } from './follow-journal.ts'
import {
  type Connection,
  interruptedError,
  type Query,
  requestJson,
  type Sendable,
  sendRequest,
} from './send-request.ts'

/** The options of a submit. */
export interface SubmitOptions {
  /** The same key with the same body gives the same task, so that a submit can be repeated without harm. */
  readonly idempotencyKey?: string
  /** Wait until the task has ended, or for this many seconds. */
  readonly waitSeconds?: number
  readonly signal?: AbortSignal | undefined
}

/** A page of a journal or of statements. */
export interface EventRequest {
  readonly after?: number
  readonly limit?: number
}

/** The form of an audit package. */
export interface AuditRequest {
  /** Whether contents are included. Their digests always are. */
  readonly contents?: boolean
  /** The package itself, or a report about it for people, which proves nothing by itself. */
  readonly format?: 'json' | 'pdf'
}

/** The calls about tasks. A task is named by its id or its number. */
export function createTaskCalls(connection: Connection, deps: FollowDeps) {
  const post = (id: string, verb: string, body: unknown = {}) =>
    requestJson<TaskView>(connection, { method: 'POST', path: `${taskPath(id)}/${verb}`, body })
  return {
    submitTask: (body: Sendable<CreateTask>, options: SubmitOptions = {}) => submitTask(connection, body, options),
    /** Reads a task. With `waitSeconds` it waits until the task has ended, or for that many seconds. */
    readTask: (id: string, waitSeconds?: number) =>
      requestJson<TaskView>(connection, { path: taskPath(id), query: { wait: waitSeconds } }),
    listTasks: (filter: Sendable<TaskFilterQuery> = {}) =>
      requestJson<TaskPage>(connection, { path: '/tasks', query: filterQuery(filter) }),
    addMessage: (id: string, body: Sendable<CreateMessage>) => post(id, 'messages', body),
    cancelTask: (id: string) => post(id, 'cancel'),
    stopTask: (id: string) => post(id, 'stop'),
    resumeTask: (id: string) => post(id, 'resume'),
    listEvents: (id: string, { after, limit }: EventRequest = {}) =>
      requestJson<EventPage>(connection, { path: `${taskPath(id)}/events`, query: { after, limit } }),
    followJournal: (id: string, options: FollowOptions = {}): AsyncGenerator<EventView, void, void> =>
      followJournal(connection, id, options, deps),
    listFiles: (id: string) => requestJson<FileList>(connection, { path: `${taskPath(id)}/files` }),
    readFile: (id: string, path: string) => readFile(connection, id, path),
    readBudget: (id: string) => requestJson<BudgetView>(connection, { path: `${taskPath(id)}/budget` }),
    /** Deletes the contents of a task for ever. */
    purgeTask: (id: string) => post(id, 'purge'),
    placeHold: (id: string, reason: string) =>
      requestJson<TaskView>(connection, { method: 'PUT', path: `${taskPath(id)}/hold`, body: { reason } }),
    liftHold: (id: string) => requestJson<TaskView>(connection, { method: 'DELETE', path: `${taskPath(id)}/hold` }),
    /** Reads the bytes of the audit package, which are its canonical form. */
    readAudit: (id: string, { contents, format }: AuditRequest = {}) =>
      readBytes(connection, `${taskPath(id)}/audit`, { contents, format }),
    /** Lists statements. `after` is the leaf index of the last one of the previous page. */
    listStatements: (id: string, query: EventRequest = {}) =>
      requestJson<StatementPage>(connection, { path: `${taskPath(id)}/statements`, query: { ...query } }),
  }
}

function submitTask(connection: Connection, body: Sendable<CreateTask>, options: SubmitOptions): Promise<TaskView> {
  const { idempotencyKey, waitSeconds, signal } = options
  const headers: Record<string, string> = {}
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
  if (waitSeconds !== undefined) headers['prefer'] = `wait=${waitSeconds}`
  return requestJson(connection, { method: 'POST', path: '/tasks', body, headers, signal })
}

function readFile(connection: Connection, id: string, path: string): Promise<Uint8Array> {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return readBytes(connection, `${taskPath(id)}/files/${encoded}`)
}

async function readBytes(connection: Connection, path: string, query?: Query): Promise<Uint8Array> {
  // A compressed body that a proxy interrupts would be inflated to a shorter file without an error.
  const headers = { accept: '*/*', 'accept-encoding': 'identity' }
  const response = await sendRequest(connection, { path, query, headers })
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    throw interruptedError(connection, error, undefined)
  }
}

function taskPath(id: string): string {
  return `/tasks/${encodeURIComponent(id)}`
}

function filterQuery({ metadata, ...rest }: Sendable<TaskFilterQuery>): Query {
  const pairs = Object.entries(metadata ?? {}).map(([name, value]) => [`metadata[${name}]`, value] as const)
  return { ...rest, ...Object.fromEntries(pairs) }
}
