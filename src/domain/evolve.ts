import { moveLedger, openLedger } from './budget.ts'
import { dayMs } from './durations.ts'
import { type AnyEvent, type AnyEventOf, isAbout, type JournalEvent } from './event.ts'
import type { JsonObject } from './json.ts'
import { ledgerMoveOf } from './ledger-moves.ts'
import { moveRun } from './move-run.ts'
import { Refusal } from './refusal.ts'
import { isTerminal, type RunState } from './run-state.ts'
import type { Run, Submitter, Task } from './task.ts'
import { purgedDetails, type TaskDetails, withoutPrivate } from './task-details.ts'
import { unreachable } from './unreachable.ts'
import { addUsage, noUsage } from './usage.ts'

/** The rows of a task: the task itself and its latest run. */
export interface TaskSnapshot {
  readonly task: Task
  readonly run: Run
}

/**
 * The rows after a new task's first events, which begin with task.submitted, message.added and run.queued. The user's
 * part of them is passed in: `details`, and the data that a dialect froze with the first run. Invariant: rows are
 * written from this fold only, so that folding a journal always gives the rows (evolve.test.ts).
 */
export function startTask(
  id: string,
  events: readonly AnyEvent[],
  details: TaskDetails,
  runExtension: JsonObject = {},
): TaskSnapshot {
  const [submitted, message, queued, ...rest] = events
  if (submitted?.kind !== 'task.submitted' || message?.kind !== 'message.added' || queued?.kind !== 'run.queued') {
    throw new Error('A journal begins with task.submitted, message.added, run.queued.')
  }
  const run = queueRun(id, submitted.facts.owner, submitted.facts.agent, queued, runExtension)
  const task: Task = {
    id,
    number: 0,
    ownerId: submitted.facts.owner,
    teamId: submitted.facts.team,
    submitter: submitterOf(submitted),
    visibility: submitted.facts.visibility,
    agentId: submitted.facts.agent,
    dialect: submitted.facts.dialect,
    title: details.title,
    parentId: submitted.facts.parent,
    rootId: submitted.facts.root,
    metadata: details.metadata,
    extension: details.extension,
    webhook: submitted.facts.webhook ?? null,
    runId: run.id,
    state: run.state,
    lastSeq: 0,
    ledger: openLedger(submitted.facts.budget),
    purgeAt: null,
    purgedAt: null,
    hold: null,
    manifest: message.facts.manifest ?? null,
    createdAt: submitted.at,
    updatedAt: queued.at,
  }
  const first = { task: { ...task, lastSeq: seqOf(queued) ?? 3 }, run }
  return evolveAll(first, rest)
}

function submitterOf({ facts: { owner, submitted_by } }: AnyEventOf<'task.submitted'>): Submitter {
  return submitted_by === undefined
    ? { userId: owner, keyId: null }
    : { userId: submitted_by.user, keyId: submitted_by.key }
}

/**
 * The rows after one more event. Throws `run_settled` or `move_refused` for a move that the table of moves does not
 * have. `runExtension` is the data that a dialect froze with the run of a `run.queued` event.
 */
export function evolve(snapshot: TaskSnapshot, event: AnyEvent, runExtension: JsonObject = {}): TaskSnapshot {
  if (event.kind === 'task.submitted') throw new Error(`${event.kind} cannot follow seq ${snapshot.task.lastSeq}.`)
  if (event.kind === 'task.purged') return withoutContents(snapshot, event)
  const run = event.kind === 'run.queued' ? nextRun(snapshot, event, runExtension) : evolveRun(snapshot, event)
  const manifest = manifestOf(event) ?? snapshot.task.manifest
  const move = ledgerMoveOf(event)
  const task: Task = {
    ...snapshot.task,
    ...keepingOf(event, run),
    ledger: move === undefined ? snapshot.task.ledger : moveLedger(snapshot.task.ledger, move),
    runId: run.id,
    state: run.state,
    manifest,
    lastSeq: seqOf(event) ?? snapshot.task.lastSeq + 1,
    updatedAt: event.at,
  }
  return { task, run }
}

/** Removes the user's part of the rows with the contents, as the write `purge_contents` does. */
function withoutContents({ task, run }: TaskSnapshot, event: AnyEvent): TaskSnapshot {
  const extension = withoutPrivate(task.extension)
  return {
    task: {
      ...task,
      ...purgedDetails,
      extension,
      manifest: null,
      purgeAt: null,
      purgedAt: event.at,
      lastSeq: seqOf(event) ?? task.lastSeq + 1,
      updatedAt: event.at,
    },
    run: { ...run, config: { ...run.config, extension: {} } },
  }
}

/** The events that change a task and a run. The others begin a journal, or empty it. */
type FollowingEvent = Exclude<AnyEvent, AnyEventOf<'task.submitted' | 'task.purged'>>

/** The instant until which this run keeps the contents of its task, or null while it has not ended. */
export function purgeAtOf({ endedAt, config }: Run): number | null {
  return endedAt === null ? null : endedAt + config.retentionDays * dayMs
}

/** How long the contents are kept, as far as the event changes that. */
function keepingOf(event: FollowingEvent, run: Run): Partial<Pick<Task, 'purgeAt' | 'purgedAt' | 'hold'>> {
  if (isAbout(event, 'message', 'attempt', 'step', 'model', 'action', 'budget', 'prompt')) return {}
  switch (event.kind) {
    case 'run.queued':
      return { purgeAt: null, purgedAt: null }
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      return { purgeAt: purgeAtOf(run) }
    case 'task.hold_placed':
      return { hold: event.facts.reason }
    case 'task.hold_lifted':
      return { hold: null }
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
      return {}
    default:
      return unreachable(event)
  }
}

/** The rows after several more events. */
export function evolveAll(
  snapshot: TaskSnapshot,
  events: readonly AnyEvent[],
  runExtension: JsonObject = {},
): TaskSnapshot {
  return events.reduce<TaskSnapshot>((before, event) => evolve(before, event, runExtension), snapshot)
}

/** The rows that a whole journal gives, without the data that dialects froze with its runs. */
export function foldJournal(id: string, events: readonly JournalEvent[], details: TaskDetails): TaskSnapshot {
  return startTask(id, events, details)
}

function seqOf(event: AnyEvent): number | undefined {
  return 'seq' in event ? event.seq : undefined
}

function manifestOf(event: AnyEvent): string | undefined {
  if (event.kind === 'action.settled' || event.kind === 'message.added') return event.facts.manifest
  return undefined
}

type Queued = AnyEventOf<'run.queued'>

function nextRun(snapshot: TaskSnapshot, event: Queued, extension: JsonObject): Run {
  const { run, task } = snapshot
  if (run.endedAt === null) throw new Error(`Run ${run.id} has not ended; task ${task.id} cannot start another.`)
  return queueRun(task.id, task.ownerId, task.agentId, event, extension)
}

function queueRun(taskId: string, ownerId: string, agentId: string, event: Queued, extension: JsonObject): Run {
  const { facts, run: id, at } = event
  if (id === null) throw new Error('run.queued names no run.')
  return {
    id,
    taskId,
    ownerId,
    agentId,
    turn: facts.turn,
    place: facts.place,
    state: 'queued',
    attempt: 0,
    lostAttempts: 0,
    priority: facts.priority,
    queuedAt: at,
    notBefore: facts.not_before,
    stopRequestedAt: null,
    config: { ...facts.config, extension },
    input: facts.input,
    result: null,
    error: null,
    steps: 0,
    usage: noUsage,
    costMicrosUsd: 0,
    activeMs: 0,
    claimedAt: null,
    startedAt: null,
    endedAt: null,
  }
}

function evolveRun(snapshot: TaskSnapshot, event: Exclude<FollowingEvent, Queued>): Run {
  const { run } = snapshot
  switch (event.kind) {
    case 'message.added':
    case 'budget.transferred':
    case 'budget.returned':
    case 'budget.granted':
    case 'budget.released':
    case 'task.hold_placed':
    case 'task.hold_lifted':
      return run
    case 'step.started':
    case 'action.requested':
    case 'action.decided':
    case 'action.revoked':
    case 'prompt.opened':
    case 'prompt.answered':
    case 'prompt.rejected':
    case 'prompt.expired':
    case 'prompt.withdrawn':
    case 'budget.overdrawn':
      return underWay(run)
    case 'action.settled':
      return { ...underWay(run), costMicrosUsd: run.costMicrosUsd + event.facts.cost_micros_usd }
    case 'run.stop_requested':
      return { ...underWay(run), stopRequestedAt: event.at }
    case 'run.stop_withdrawn':
      return { ...underWay(run), stopRequestedAt: null }
    case 'run.claimed':
      return {
        ...run,
        state: moveRun(run.state, 'running'),
        attempt: event.facts.attempt,
        claimedAt: event.at,
        startedAt: run.startedAt ?? event.at,
      }
    case 'model.responded':
      return {
        ...underWay(run),
        steps: event.facts.step,
        usage: addUsage(run.usage, event.facts.usage),
        costMicrosUsd: run.costMicrosUsd + event.facts.cost_micros_usd,
      }
    case 'model.failed':
    case 'model.interrupted':
      return {
        ...underWay(run),
        usage: addUsage(run.usage, event.facts.usage ?? noUsage),
        costMicrosUsd: run.costMicrosUsd + (event.facts.cost_micros_usd ?? 0),
      }
    default:
      return evolveState(snapshot, event)
  }
}

type StateEvent = Extract<
  AnyEvent,
  {
    kind: `run.${'waiting' | 'paused' | 'resumed' | 'succeeded' | 'failed' | 'blocked' | 'cancelled'}` | 'attempt.lost'
  }
>

function evolveState(snapshot: TaskSnapshot, event: StateEvent): Run {
  const { run } = snapshot
  switch (event.kind) {
    case 'attempt.lost':
      return {
        ...run,
        state: moveFrom(run, ['running'], 'queued'),
        lostAttempts: run.lostAttempts + (event.facts.reason === 'handed_back' ? 0 : 1),
        // A process that died does not say when. Its last event is the last instant that is known.
        activeMs: activeMsAt(run, snapshot.task.updatedAt),
        claimedAt: null,
        queuedAt: event.at,
        notBefore: event.facts.not_before ?? null,
      }
    case 'run.waiting':
      return { ...rest(run, event.at), state: moveRun(run.state, 'waiting') }
    case 'run.paused':
      return { ...rest(run, event.at), state: moveRun(run.state, 'paused'), stopRequestedAt: null }
    case 'run.resumed':
      return { ...run, state: moveFrom(run, ['paused', 'waiting'], 'queued'), queuedAt: event.at, notBefore: null }
    case 'run.succeeded':
      return {
        ...rest(run, event.at),
        state: moveRun(run.state, 'succeeded'),
        result: event.contents['result'] ?? null,
        endedAt: event.at,
      }
    case 'run.failed':
      return {
        ...rest(run, event.at),
        state: moveRun(run.state, 'failed'),
        error: event.facts.error,
        endedAt: event.at,
      }
    case 'run.blocked':
      return {
        ...rest(run, event.at),
        state: moveRun(run.state, 'blocked'),
        result: event.contents['result'] ?? null,
        error: event.facts.error,
        endedAt: event.at,
      }
    case 'run.cancelled':
      return { ...rest(run, event.at), state: moveRun(run.state, 'cancelled'), endedAt: event.at }
    default:
      return unreachable(event)
  }
}

/** The run, which must not have ended. Throws `run_settled` otherwise. */
function underWay(run: Run): Run {
  if (isTerminal(run.state)) throw new Refusal('run_settled', `The run has ended (${run.state}).`, { state: run.state })
  return run
}

/** A move that this event allows only from some of the states that the table of moves allows it from. */
function moveFrom(run: Run, from: readonly RunState[], to: RunState): RunState {
  if (!isTerminal(run.state) && !from.includes(run.state)) {
    throw new Refusal(
      'move_refused',
      `A run that is ${run.state} cannot become ${to} in this way. Allowed: ${from.join(', ')}.`,
      { state: run.state },
    )
  }
  return moveRun(run.state, to)
}

/** The run when no worker holds it any longer. */
function rest(run: Run, at: number): Run {
  return { ...run, activeMs: activeMsAt(run, at), claimedAt: null }
}

function activeMsAt(run: Run, at: number): number {
  return run.claimedAt === null ? run.activeMs : run.activeMs + Math.max(0, at - run.claimedAt)
}
