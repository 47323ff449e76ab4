import type { Content } from '../domain/content.ts'
import { type AnyEventOf, type EventKind, isAbout, type NewEvent } from '../domain/event.ts'
import { evolveAll, startTask, type TaskSnapshot } from '../domain/evolve.ts'
import type { JsonObject } from '../domain/json.ts'
import { ledgerMoveOfAll } from '../domain/ledger-moves.ts'
import type { Prompt } from '../domain/prompt.ts'
import type { Run, Task } from '../domain/task.ts'
import type { TaskDetails } from '../domain/task-details.ts'
import { unreachable } from '../domain/unreachable.ts'
import { append, openPrompt, putContents, type Requirement, type Write } from '../store/commit.ts'
import type { Outbox } from './outbox.ts'

/** Events that go to one journal in one commit, with every row write that follows from them. */
export interface RecordedEvents {
  /** The task and its latest run after the events. `lastSeq` and a new task's `number` are assigned by the commit. */
  readonly after: TaskSnapshot
  readonly events: readonly NewEvent[]
  readonly writes: readonly Write[]
  /** The conditions under which the events are true: a prompt that one of them settles is still open. */
  readonly require: readonly Requirement[]
}

/** The contents that the events refer to, and the extension that a dialect froze with the run that is queued. */
export interface RecordedWith {
  readonly contents?: readonly Content[] | undefined
  readonly runExtension?: JsonObject | undefined
}

/**
 * Derives from `before` and the events everything that has to be written with them: the appended events, the run's row, its
 * pending stop, the workspace's manifest, retention, the move of the ledger, prompts and the deliveries that are owed. Writes nothing.
 * Throws the refusal of `evolve` for a move that the state of the run forbids.
 *
 * Each row is written as the difference that the events make. A commit may therefore be prepared from a snapshot that others
 * have moved on since, as long as its requirements hold: an attempt, a sub-task and a person can write to one journal at
 * once.
 *
 * Invariant: rows of tasks and runs are changed by this function and `recordNewTask` only
 * (test/architecture/one-way-to-change-a-task.test.ts).
 */
export function recordEvents(
  { outbox }: { readonly outbox: Outbox },
  before: TaskSnapshot,
  newEvents: readonly NewEvent[],
  { contents = [], runExtension }: RecordedWith = {},
): RecordedEvents {
  const events = newEvents.map(asStored)
  const after = evolveAll(before, events, runExtension)
  const writes = [
    ...contentWrites(after.task.id, contents, events),
    ...appendWrites(outbox, after, events),
    ...runWrites(before.run, after.run, events),
    ...taskWrites(before, after),
    ...promptWrites(after.task, events),
  ]
  return { after, events, writes, require: settledPrompts(events).map(openPrompt) }
}

/**
 * The parts of a new task that its events do not hold: its id, the private details that its user wrote, and the extension
 * that a dialect keeps with its first run.
 */
export interface NewTask {
  readonly id: string
  readonly details: TaskDetails
  readonly runExtension: JsonObject
}

/** Like `recordEvents`, for the events that a new journal begins with (`task.submitted`, `message.added`, `run.queued`, …). */
export function recordNewTask(
  { outbox }: { readonly outbox: Outbox },
  { id, details, runExtension }: NewTask,
  newEvents: readonly NewEvent[],
  contents: readonly Content[],
): RecordedEvents {
  const events = newEvents.map(asStored)
  const after = startTask(id, events, details, runExtension)
  const inserted: Write = { kind: 'insert_task', task: after.task, run: after.run }
  return {
    after,
    events,
    writes: [inserted, ...contentWrites(id, contents, events), ...appendWrites(outbox, after, events)],
    require: [],
  }
}

/**
 * Drops members that are undefined, since JSON does not keep them: the event is then equal to the one that is read from the
 * store.
 */
function asStored(event: NewEvent): NewEvent {
  const entries = Object.entries<unknown>(event.facts)
  if (entries.every(([, value]) => value !== undefined)) return event
  return { ...event, facts: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) } as NewEvent
}

/** The purge is written after the contents of its own commit, so that it takes those too. */
function contentWrites(task: string, contents: readonly Content[], events: readonly NewEvent[]): Write[] {
  const writes: Write[] = contents.length === 0 ? [] : [putContents(task, contents)]
  if (events.some(({ kind }) => kind === 'task.purged')) writes.push({ kind: 'purge_contents', task })
  return writes
}

function appendWrites(outbox: Outbox, { task }: TaskSnapshot, events: readonly NewEvent[]): Write[] {
  const move = ledgerMoveOfAll(events)
  const moved: Write[] = move === undefined ? [] : [{ kind: 'move_ledger', task: task.id, move }]
  return [append(task.id, events), ...moved, ...outbox.promise(task, events)]
}

function runWrites(before: Run, after: Run, events: readonly NewEvent[]): Write[] {
  if (after.id !== before.id) return [{ kind: 'insert_run', run: after }]
  const writes: Write[] = differs(before, after) ? [{ kind: 'save_run', run: after }] : []
  // Whoever asks for a stop does not hold the run, so the request has a write of its own. It is written for what the events
  // say, and not where `before` differs, since an attempt that pauses may not have read the request yet.
  if (events.some(({ kind }) => settlesStop.has(kind))) {
    writes.push({ kind: 'request_stop', task: after.taskId, run: after.id, at: after.stopRequestedAt })
  }
  return writes
}

const settlesStop: ReadonlySet<EventKind> = new Set(['run.stop_requested', 'run.stop_withdrawn', 'run.paused'])

/** The configuration is frozen when the run is queued. A purge, which empties a part of it, has a write of its own. */
const notSaved: ReadonlySet<keyof Run> = new Set(['config', 'stopRequestedAt'])

function differs(before: Run, after: Run): boolean {
  const keys = Object.keys(after) as (keyof Run)[]
  return keys.some((key) => !notSaved.has(key) && after[key] !== before[key])
}

function taskWrites({ task: before }: TaskSnapshot, { task: after, run }: TaskSnapshot): Write[] {
  const { id: task, manifest, purgeAt, purgedAt, hold } = after
  const writes: Write[] = []
  if (manifest !== null && manifest !== before.manifest) writes.push({ kind: 'save_manifest', task, manifest })
  // The write of a run that is queued or has ended carries the instant of the purge with it.
  const keptByRun = hold === before.hold && purgedAt === (run.id === before.runId ? before.purgedAt : null)
  if (!keptByRun) writes.push({ kind: 'save_keeping', task, purgeAt, purgedAt, hold })
  return writes
}

/** The prompts that the events settle. Whoever settles one first has settled it: the commit requires that it is open. */
function settledPrompts(events: readonly NewEvent[]): string[] {
  const opened = new Set(events.flatMap((event) => (event.kind === 'prompt.opened' ? [event.facts.prompt] : [])))
  return events.flatMap((event) => {
    const settles =
      event.kind === 'prompt.answered' || event.kind === 'prompt.expired' || event.kind === 'prompt.withdrawn'
    return settles && !opened.has(event.facts.prompt) ? [event.facts.prompt] : []
  })
}

function promptWrites(task: Task, events: readonly NewEvent[]): Write[] {
  return events.flatMap((event): Write[] => {
    if (!isAbout(event, 'prompt')) return []
    const { at: settledAt, facts } = event
    const settled = { kind: 'settle_prompt', prompt: facts.prompt, settledAt } as const
    const unanswered = { ...settled, outcome: null, answeredBy: null, answer: null }
    switch (event.kind) {
      case 'prompt.opened':
        return [{ kind: 'insert_prompt', prompt: openedPrompt(task, event) }]
      case 'prompt.answered': {
        const { outcome, by } = event.facts
        return [{ ...settled, state: 'answered', outcome, answeredBy: by, answer: event.contents['answer'] ?? null }]
      }
      case 'prompt.expired':
        return [{ ...unanswered, state: 'expired' }]
      case 'prompt.withdrawn':
        return [{ ...unanswered, state: 'withdrawn' }]
      case 'prompt.rejected':
        return []
      default:
        return unreachable(event)
    }
  })
}

/** Makes the row of a prompt from its event and the task that it belongs to. */
function openedPrompt({ id: taskId, runId, ownerId, teamId }: Task, event: AnyEventOf<'prompt.opened'>): Prompt {
  const { facts, at, contents } = event
  return {
    id: facts.prompt,
    taskId,
    runId: event.run ?? runId,
    ownerId,
    teamId,
    kind: facts.prompt_kind,
    step: facts.step,
    action: facts.action,
    tool: facts.tool,
    categories: facts.categories,
    version: facts.version,
    payload: contents['payload'] ?? '',
    state: 'open',
    openedAt: at,
    expiresAt: facts.expires_at,
    onExpiry: facts.on_expiry,
    settledAt: null,
    outcome: null,
    answeredBy: null,
    answer: null,
  }
}
