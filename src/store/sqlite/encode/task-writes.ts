import { type Amounts, type LedgerMove, noAmounts } from '../../../domain/budget.ts'
import { purgeAtOf } from '../../../domain/evolve.ts'
import type { Run, Task } from '../../../domain/task.ts'
import { placeValues, type ValuesOf } from '../named-sql.ts'
import { advanceSql } from '../sql/tasks.ts'
import { contents, envelopeText } from '../tables/journals.ts'
import { runDetailsParameters, runs } from '../tables/runs.ts'
import { taskDetailsParameters, tasks } from '../tables/tasks.ts'
import type { Call, EncodedRow, EncodedTask } from '../writer/encoded-commit.ts'
import type { AdvanceName } from '../writer/writer-sql.ts'
import type { CommitParts, TaskParts, WriteEncoders } from './commit-parts.ts'

/** Encoders for writes of tasks, their runs, journals, contents and ledgers. */
export const taskEncoders = {
  insert_task(write, parts) {
    const task = parts.task(write.task.id)
    task.insert = write
    task.runs.push(newRun(write.run))
    countUsage(write.run, true, parts)
  },
  insert_run({ run }, parts) {
    const task = parts.task(run.taskId)
    task.runs.push(newRun(run))
    task.shows.push({ run, isNew: true })
    countUsage(run, true, parts)
  },
  save_run({ run }, parts) {
    parts.task(run.taskId).shows.push({ run, isNew: false })
    countUsage(run, false, parts)
    parts.calls.push(['saveRun', ...runs.update.parametersOf(run)])
  },
  append(write, parts) {
    const task = parts.task(write.task)
    for (const event of write.events) task.events.push(envelopeText(event))
    task.updatedAt = write.events.at(-1)?.at ?? task.updatedAt
  },
  move_ledger: ({ task, move }, parts) => void parts.task(task).moves.push(move),
  put_contents(write, { task, calls }) {
    for (const content of write.contents) {
      const parameters = contents.insert.parametersOf(content)
      if (write.task === null) calls.push(['insertUnownedContent', null, ...parameters])
      else task(write.task).contents.push(parameters)
    }
  },
  request_stop: ({ run, at }, { call }) => call('requestStop', { run, at }),
  save_manifest: ({ task, manifest }, { call }) => call('saveManifest', { task, manifest }),
  save_task({ task, title, visibility, metadata }, { call }) {
    call('appendDetails', { task, title, metadata: JSON.stringify(metadata) })
    call('emptyDetails', { task })
    call('saveTask', { task, visibility })
  },
  save_keeping: (write, { call }) => call('saveKeeping', write),
  purge_contents({ task }, { call }) {
    call('purgeTask', { task })
    call('purgeContents', { task })
    call('purgeDetails', { task })
  },
} satisfies Partial<WriteEncoders>

function newRun(run: Run): EncodedRow {
  return { details: runDetailsParameters(run), row: runs.insert.parametersOf(run) }
}

/**
 * Adds the use of an ended run to its day. This comes before the call that saves the run, and does nothing for a run
 * that has not ended.
 */
function countUsage(run: Run, isNew: boolean, { call }: CommitParts): void {
  if (run.endedAt === null) return
  const { inputTokens: input_tokens, outputTokens: output_tokens } = run.usage
  call('countRun', {
    run: run.id,
    is_new: isNew,
    day: new Date(run.endedAt).toISOString().slice(0, 10),
    cost_micros_usd: run.costMicrosUsd,
    input_tokens,
    output_tokens,
    steps: run.steps,
  })
}

/**
 * Encodes everything that the commit writes under the task's number. Writes that do not need the number are added to
 * the calls.
 */
export function encodeTask(task: TaskParts, { call }: CommitParts): EncodedTask {
  const { id, insert, shows, moves, events } = task
  // Nearly every commit saves one run and appends to its task. One write then does the work of two.
  const [only] = shows.length === 1 && events.length > 0 ? shows : []
  const merged = only !== undefined && !only.isNew ? only : undefined
  for (const show of shows) {
    if (show === merged) continue
    const { run, isNew } = show
    const shown = { task: id, run: run.id, state: run.state, purge_at: purgeAtOf(run) }
    call(isNew ? 'showNewRun' : 'showRunState', shown)
  }
  const along = events.length > 0 && moves.length === 1 ? moves.find(movesAlong) : undefined
  // The row of a new task holds its ledger already.
  for (const move of insert === undefined ? moves : []) if (move !== along) call('moveLedger', moveValues(id, move))
  return {
    id,
    insert: insert === undefined ? null : newTask(insert.task),
    advance: insert === undefined && events.length > 0 ? encodeAdvance(task, merged?.run, along) : null,
    runs: task.runs,
    events: events.length === 0 ? null : `[${events.join()}]`,
    eventCount: events.length,
    contents: task.contents,
  }
}

function newTask(task: Task): EncodedRow {
  return { details: taskDetailsParameters(task), row: tasks.insert.parametersOf(task) }
}

function encodeAdvance(
  { id, events, updatedAt }: TaskParts,
  run: Run | undefined,
  move: LedgerMove | undefined,
): Call<AdvanceName> {
  const shown = {
    id,
    appended: events.length,
    updated_at: updatedAt,
    run: run?.id ?? null,
    state: run?.state ?? null,
  }
  if (run !== undefined && run.endedAt !== null) {
    return advance('advanceToEnd', { ...shown, ...movingValues(move), purge_at: purgeAtOf(run) })
  }
  return move === undefined ? advance('advance', shown) : advance('advanceAndMove', { ...shown, ...movingValues(move) })
}

function advance<Name extends AdvanceName>(name: Name, values: ValuesOf<(typeof advanceSql)[Name]>): Call<AdvanceName> {
  return [name, ...placeValues<string>(advanceSql[name], values)]
}

/**
 * Whether the write that advances the task can hold the whole move. Moves between tasks are rare and need a write of
 * their own.
 */
function movesAlong({ cap, lent }: LedgerMove): boolean {
  return isNothing(cap) && isNothing(lent)
}

function isNothing({ micros_usd, tokens, steps }: Amounts): boolean {
  return micros_usd === 0 && tokens === 0 && steps === 0
}

const noMove: LedgerMove = {
  cap: noAmounts,
  spent: noAmounts,
  reserved: noAmounts,
  lent: noAmounts,
  releasesAll: false,
}

/** The part of a move that comes with the journal. */
function movingValues({ spent, reserved, releasesAll }: LedgerMove = noMove) {
  return {
    spent_micros_usd: spent.micros_usd,
    spent_tokens: spent.tokens,
    spent_steps: spent.steps,
    reserved_micros_usd: reserved.micros_usd,
    reserved_tokens: reserved.tokens,
    reserved_steps: reserved.steps,
    releases_all: releasesAll,
  }
}

function moveValues(task: string, move: LedgerMove) {
  const { cap, lent } = move
  return {
    task,
    cap_micros_usd: cap.micros_usd,
    cap_tokens: cap.tokens,
    cap_steps: cap.steps,
    lent_micros_usd: lent.micros_usd,
    lent_tokens: lent.tokens,
    lent_steps: lent.steps,
    ...movingValues(move),
  }
}
