import type { LedgerMove } from '../../domain/budget.ts'
import { purgeAtOf } from '../../domain/evolve.ts'
import type { Run } from '../../domain/task.ts'
import type { Commit, CommitOutcome, Requirement, Write } from '../commit.ts'
import * as chatRows from './chat-rows.ts'
import {
  encodeGuardCalls,
  encodeGuardRequirement,
  encodeMove,
  encodeUsage,
  type GuardWrite,
  movesAlong,
  movingParameters,
} from './encode-guard.ts'
import { encodeDeliveries, encodeWebhookCalls, type ManyCallsWrite } from './encode-webhooks.ts'
import type {
  AdvanceName,
  Call,
  CheckName,
  EncodedCommit,
  EncodedTask,
  Parameter,
  WriteName,
} from './encoded-commit.ts'
import * as rows from './rows.ts'
import { newEndpointParameters, secretParameters } from './webhook-rows.ts'

/** A commit as the writer thread takes it. Done on the main thread, so that the writer only binds and steps. */
export function encodeCommit(commit: Commit): EncodedCommit {
  const tasks = new Map<string, TaskWrites>()
  const calls: Call<WriteName>[] = []
  for (const write of commit.write) encodeWrite(write, tasks, calls)
  const encoded = Array.from(tasks.values(), (task) => encodeTask(task, calls))
  const written = encoded.filter(({ runs, eventCount, contents }) => runs.length + eventCount + contents.length > 0)
  return {
    checks: commit.require?.map(encodeRequirement) ?? [],
    tasks: written,
    calls,
    deliveries: encodeDeliveries(commit, written),
    hasBytes: commit.write.some(holdsBytes),
    purges: commit.write.some(({ kind }) => kind === 'purge_contents'),
  }
}

function holdsBytes(write: Write): boolean {
  if (write.kind === 'put_contents') return write.contents.some(({ body }) => typeof body !== 'string')
  return write.kind === 'add_webhook_secret' || write.kind === 'save_webhook_secret'
}

/** What the writer assigned, under the ids that the commit knows. */
export function decodeAssigned(commit: Commit, encoded: EncodedCommit, assigned: readonly number[]): CommitOutcome {
  const lastSeq: Record<string, number> = {}
  const numbers: Record<string, number> = {}
  let next = 0
  for (const { id, insert, eventCount } of encoded.tasks) {
    const [number = 0, seq = 0] = assigned.slice(next, next + 2)
    next += 2
    if (insert !== null) numbers[id] = number
    if (eventCount > 0) lastSeq[id] = seq
  }
  for (const write of commit.write) {
    if (write.kind !== 'insert_agent') continue
    numbers[write.agent.id] = assigned[next] ?? 0
    next += 1
  }
  return { committed: true, lastSeq, numbers }
}

/** What one commit writes under one task, gathered so that its row is written once. */
interface TaskWrites {
  readonly id: string
  insert: Extract<Write, { kind: 'insert_task' }> | undefined
  /** Runs whose state the task's row may have to show. */
  readonly shows: { run: Run; isNew: boolean }[]
  readonly moves: LedgerMove[]
  readonly runs: Parameter[][]
  readonly events: string[]
  readonly contents: Parameter[][]
  updatedAt: number
}

function encodeTask(task: TaskWrites, calls: Call<WriteName>[]): EncodedTask {
  const { id, insert, shows, moves, runs, events, contents } = task
  // Nearly every commit saves one run and appends to its task: then one statement does what would be two.
  const [only] = shows.length === 1 && events.length > 0 ? shows : []
  const merged = only !== undefined && !only.isNew ? only : undefined
  for (const show of shows) {
    if (show === merged) continue
    const { run, isNew } = show
    if (isNew) calls.push(['showNewRun', run.id, run.state, purgeAtOf(run), id])
    else calls.push(['showRunState', run.state, purgeAtOf(run), id, run.id])
  }
  const along = events.length > 0 && moves.length === 1 ? moves.find(movesAlong) : undefined
  // The row of a new task holds its ledger already.
  for (const move of insert === undefined ? moves : []) if (move !== along) calls.push(encodeMove(id, move))
  return {
    id,
    insert: insert === undefined ? null : rows.taskParameters(insert.task, events.length),
    advance: insert === undefined && events.length > 0 ? encodeAdvance(task, merged?.run, along) : null,
    runs,
    events: events.length === 0 ? null : `[${events.join()}]`,
    eventCount: events.length,
    contents,
  }
}

function encodeAdvance(
  { id, events, updatedAt }: TaskWrites,
  run: Run | undefined,
  move: LedgerMove | undefined,
): Call<AdvanceName> {
  const shown = [id, events.length, updatedAt, run?.id ?? null, run?.state ?? null]
  if (run !== undefined && run.endedAt !== null) {
    return ['advanceToEnd', ...shown, ...movingParameters(move), purgeAtOf(run)]
  }
  return move === undefined ? ['advance', ...shown] : ['advanceAndMove', ...shown, ...movingParameters(move)]
}

function encodeWrite(write: Write, tasks: Map<string, TaskWrites>, calls: Call<WriteName>[]): void {
  switch (write.kind) {
    case 'insert_task': {
      const task = taskWrites(tasks, write.task.id)
      task.insert = write
      task.runs.push(rows.newRunParameters(write.run))
      calls.push(...encodeUsage(write.run, true))
      return
    }
    case 'insert_run': {
      const task = taskWrites(tasks, write.run.taskId)
      task.runs.push(rows.newRunParameters(write.run))
      task.shows.push({ run: write.run, isNew: true })
      calls.push(...encodeUsage(write.run, true))
      return
    }
    case 'save_run': {
      const task = taskWrites(tasks, write.run.taskId)
      task.shows.push({ run: write.run, isNew: false })
      calls.push(...encodeUsage(write.run, false), ['saveRun', ...rows.savedRunParameters(write.run)])
      return
    }
    case 'append': {
      const task = taskWrites(tasks, write.task)
      for (const event of write.events) task.events.push(rows.eventParameter(event))
      task.updatedAt = write.events.at(-1)?.at ?? task.updatedAt
      return
    }
    case 'move_ledger':
      taskWrites(tasks, write.task).moves.push(write.move)
      return
    case 'put_contents':
      for (const content of write.contents) {
        const parameters = rows.contentParameters(content)
        if (write.task === null) calls.push(['insertLooseContent', ...parameters])
        else taskWrites(tasks, write.task).contents.push(parameters)
      }
      return
    case 'insert_chat':
      calls.push(['insertChat', ...chatRows.chatParameters(write.chat)])
      for (const parameters of chatRows.memberParameters(write.chat)) calls.push(['insertChatMember', ...parameters])
      return
    case 'save_endpoint':
    case 'hold_endpoint':
    case 'delete_endpoint':
    case 'save_delivery':
      calls.push(...encodeWebhookCalls(write))
      return
    case 'save_keeping':
    case 'purge_contents':
    case 'add_statements':
    case 'close_run':
    case 'put_log_head':
    case 'start_log':
    case 'put_policy':
      calls.push(...encodeGuardCalls(write))
      return
    case 'save_task':
      calls.push(
        ['appendDetails', write.title, JSON.stringify(write.metadata), write.task],
        ['emptyDetails', write.task],
        ['saveTask', write.visibility, write.task],
      )
      return
    case 'add_deliveries':
      return // encodeDeliveries
    default:
      calls.push(encodeCall(write))
  }
}

function taskWrites(tasks: Map<string, TaskWrites>, id: string): TaskWrites {
  const known = tasks.get(id)
  if (known !== undefined) return known
  const task: TaskWrites = {
    id,
    insert: undefined,
    shows: [],
    moves: [],
    runs: [],
    events: [],
    contents: [],
    updatedAt: 0,
  }
  tasks.set(id, task)
  return task
}

type PlainWrite = Exclude<
  Write,
  | { kind: 'insert_task' | 'insert_run' | 'save_run' | 'append' | 'move_ledger' | 'put_contents' }
  | { kind: 'save_task' | 'insert_chat' | 'add_deliveries' }
  | ManyCallsWrite
  | GuardWrite
>

function encodeCall(write: PlainWrite): Call<WriteName> {
  switch (write.kind) {
    case 'request_stop':
      return ['requestStop', Number(write.requested), write.run]
    case 'save_manifest':
      return ['saveManifest', write.manifest, write.task]
    case 'insert_agent':
      return ['insertAgent', ...rows.agentParameters(write.agent)]
    case 'save_agent':
      return ['saveAgent', ...rows.agentParameters(write.agent)]
    case 'delete_agent':
      return ['deleteAgent', write.agent]
    case 'insert_user':
      return ['insertUser', ...rows.userParameters(write.user)]
    case 'save_user':
      return ['saveUser', ...rows.userParameters(write.user)]
    case 'insert_team':
      return ['insertTeam', ...rows.teamParameters(write.team)]
    case 'save_team':
      return ['saveTeam', ...rows.teamParameters(write.team)]
    case 'insert_key':
      return ['insertKey', ...rows.keyParameters(write.key)]
    case 'save_key':
      return ['saveKey', ...rows.keyParameters(write.key)]
    case 'remember_idempotency':
      return ['rememberIdempotency', write.ownerId, write.key, write.requestDigest, write.taskId, write.createdAt]
    case 'forget_idempotency':
      return ['forgetIdempotency', write.before]
    case 'put_setting':
      return ['putSetting', write.name, write.value]
    case 'insert_endpoint':
      return ['insertEndpoint', ...newEndpointParameters(write.endpoint)]
    case 'forget_deliveries':
      return ['forgetDeliveries', write.before, write.limit]
    case 'add_webhook_secret':
      return ['addWebhookSecret', ...secretParameters(write.secret)]
    case 'save_webhook_secret':
      return ['saveWebhookSecret', ...secretParameters(write.secret)]
    case 'insert_share':
      return ['insertShare', ...chatRows.shareParameters(write.share)]
    case 'save_share':
      return ['saveShare', JSON.stringify(write.share.permissions), write.share.updatedAt, write.share.taskId]
  }
}

function encodeRequirement(requirement: Requirement): Call<CheckName> {
  switch (requirement.name) {
    case 'currentAttempt':
      return ['currentAttempt', requirement.run, requirement.attempt]
    case 'runIs':
      return ['runIs', requirement.run, `,${requirement.states.join(',')},`, requirement.attempt ?? null]
    case 'journalAt':
      return ['journalAt', requirement.task, requirement.seq]
    case 'latestRun':
      return ['latestRun', requirement.task, requirement.run]
    case 'absentTask':
      return ['absentTask', requirement.task]
    case 'absentIdempotencyKey':
      return ['absentIdempotencyKey', requirement.ownerId, requirement.key]
    case 'absentKeyPrefix':
      return ['absentKeyPrefix', requirement.prefix]
    case 'absentSetting':
      return ['absentSetting', requirement.setting]
    case 'absentUser':
      return ['absentUser', requirement.user]
    case 'agentAt':
      return ['agentAt', requirement.agent, requirement.updatedAt]
    case 'agentIdle':
      return ['agentIdle', requirement.agent]
    case 'endpointAt':
      return ['endpointAt', requirement.endpoint, requirement.updatedAt]
    case 'deliveryAt':
      return ['deliveryAt', requirement.delivery, requirement.state, requirement.attempts]
    case 'absentChat':
      return ['absentChat', requirement.membersKey]
    case 'absentShare':
      return ['absentShare', requirement.task]
    case 'withinBudget':
    case 'unclosedRun':
    case 'notHeld':
    case 'unrevoked':
      return encodeGuardRequirement(requirement)
  }
}
