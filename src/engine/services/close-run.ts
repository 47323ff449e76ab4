import { isTerminal } from '../../domain/run-state.ts'
import type { SignedStatement } from '../../domain/statement.ts'
import type { Run, Task } from '../../domain/task.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { signStatement } from '../../proof/signed-statement.ts'
import { type Requirement, unclosedRun } from '../../store/commit.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { retryChanged } from '../retry-changed.ts'
import { readRunRecord } from './read-run-record.ts'
import { type BudgetReturn, returnBudget } from './return-budget.ts'

/** A run that has ended and is not closed. */
export interface EndedRun {
  readonly taskId: string
  readonly runId: string
}

/** The closing of one run, ready to be committed. */
export interface Closing {
  readonly runId: string
  readonly statement: SignedStatement
  /** The return of the rest of the budget, where the run is a sub-task's latest. */
  readonly returns: BudgetReturn | undefined
}

/**
 * Signs a run's closing statement, and prepares the return of a sub-task's budget. Writes nothing. Answers undefined for a
 * run that has not ended.
 */
export async function prepareClosing(deps: EngineDeps, { taskId, runId }: EndedRun): Promise<Closing | undefined> {
  const snapshot = await deps.store.readSnapshot(taskId)
  const latest = snapshot?.run.id === runId
  const run = latest ? snapshot.run : await deps.store.readRun(runId)
  if (snapshot === undefined || run === undefined || !isTerminal(run.state)) return undefined
  const { task } = snapshot
  const statement = await signClosing(deps, task, run)
  // A further run of a sub-task needs the rest of the budget, and gives it back at its own end.
  const returns = latest && task.parentId !== null ? await returnBudget(deps, snapshot) : undefined
  return { runId, statement, returns }
}

async function signClosing(
  deps: Pick<EngineDeps, 'clock' | 'notary' | 'store'>,
  task: Task,
  run: Run,
): Promise<SignedStatement> {
  const { state } = run
  if (!isTerminal(state)) throw new Error(`Run ${run.id} has not ended.`)
  const record = await readRunRecord(deps, run, task.lastSeq)
  const { logId, keyring } = deps.notary
  const signer = keyring.current
  return signStatement(signer, {
    kind: 'closing',
    log_id: logId,
    key_id: signer.keyId,
    task: task.id,
    run: run.id,
    turn: run.turn,
    outcome: state,
    ...record,
    issued_at: deps.clock.now(),
  })
}

/**
 * Commits closings together, all or none. Answers undefined where they are committed, or with the requirement that did not
 * hold: another closer was first, or a journal has grown that one of them was prepared from.
 */
export async function commitClosings(deps: EngineDeps, closings: readonly Closing[]): Promise<Requirement | undefined> {
  const require: Requirement[] = closings.map(({ runId }) => unclosedRun(runId))
  for (const { returns } of closings) require.push(...(returns?.require ?? []))
  const recorded = closings.flatMap(({ returns }) => returns?.recorded ?? [])
  const outcome = await commitEvents(deps, recorded, {
    require,
    statements: closings.map(({ statement }) => statement),
    writes: closings.map(({ runId }) => ({ kind: 'close_run', run: runId })),
  })
  return outcome.committed ? undefined : outcome.refused
}

/**
 * Closes one run in a commit of its own. Answers false where it was closed already, or has not ended. Of several closers at
 * once one closes it.
 */
export async function closeRun(deps: EngineDeps, ended: EndedRun): Promise<boolean> {
  return await retryChanged(async () => {
    const closing = await prepareClosing(deps, ended)
    if (closing === undefined) return false
    const refused = await commitClosings(deps, [closing])
    if (refused === undefined) return true
    return refused.name === 'unclosedRun' ? false : undefined
  })
}

/**
 * Closes the ended runs of a task that are not closed yet, for a caller who cannot wait for the closer. Each run is closed
 * once, whoever is first.
 */
export async function closeRunsOf(deps: EngineDeps, taskId: string): Promise<void> {
  for (const { id, state } of await deps.store.listRuns(taskId)) {
    const closed = (await deps.store.countStatements(id)).closing !== undefined
    if (isTerminal(state) && !closed) await closeRun(deps, { taskId, runId: id })
  }
}
