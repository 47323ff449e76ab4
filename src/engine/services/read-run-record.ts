import { setImmediate } from 'node:timers/promises'
import { type Ledger, moveLedger, openLedger } from '../../domain/budget.ts'
import type { Digest } from '../../domain/content.ts'
import type { JournalEvent } from '../../domain/event.ts'
import { ledgerMoveOf } from '../../domain/ledger-moves.ts'
import type { ClosingStatement } from '../../domain/statement.ts'
import type { Run } from '../../domain/task.ts'
import { digestEvent, rootOfDigests } from '../../proof/digests.ts'
import { openStatement } from '../../proof/signed-statement.ts'
import type { EngineDeps } from '../engine-deps.ts'

const pageSize = 200

/** The part of a closing statement that is read from the run's journal. */
export type RunRecord = Pick<ClosingStatement, 'first_seq' | 'last_seq' | 'events_root' | 'statements' | 'ledger'>

/** The place where a run's part of the journal begins: after the end of the run before it. */
interface Start {
  readonly seq: number
  /** The ledger at that place; undefined at the beginning of the journal. */
  readonly ledger: Ledger | undefined
}

/**
 * Reads the record of a run that has ended from its journal. Ended runs never change, so the record is the same whenever it
 * is read. It costs what the run itself has written, however long the journal is. The statements of the run's chain are those
 * that its events name, since both come in the same commits.
 */
export async function readRunRecord(
  deps: Pick<EngineDeps, 'store'>,
  run: Run,
  taskLastSeq: number,
): Promise<RunRecord> {
  const start = run.turn === 1 ? { seq: 0, ledger: undefined } : await readStart(deps, run, taskLastSeq)
  const digests: Digest[] = []
  const statements: Digest[] = []
  let { ledger } = start
  for await (const page of pagesAfter(deps, run.taskId, start.seq)) {
    for (const event of page) {
      digests.push(digestEvent(run.taskId, event))
      ledger = ledgerAfter(ledger, event)
      const statement = statementOf(event)
      if (statement !== undefined) statements.push(statement)
      if (!endsRun(event) || event.run !== run.id) continue
      return {
        first_seq: start.seq + 1,
        last_seq: event.seq,
        events_root: rootOfDigests(digests),
        statements: { count: statements.length, head: statements.at(-1) ?? null },
        ledger,
      }
    }
  }
  throw new Error(`The end of run ${run.id} is not in its journal.`)
}

async function readStart(deps: Pick<EngineDeps, 'store'>, { id, taskId }: Run, taskLastSeq: number): Promise<Start> {
  const own = await findEnd(deps, taskId, taskLastSeq, (run) => run === id)
  const before = await findEnd(deps, taskId, own.seq - 1, (run) => run !== id)
  const statements = await deps.store.listStatements(taskId, before.run)
  const closing = statements.find(({ kind }) => kind === 'closing')
  const opened = closing === undefined ? undefined : openStatement(closing.envelope)
  if (opened !== undefined && 'statement' in opened && opened.statement.kind === 'closing') {
    return { seq: before.seq, ledger: opened.statement.ledger }
  }
  return { seq: before.seq, ledger: await foldLedger(deps, taskId, before.seq) }
}

/** Finds the last end of a run at or before a seq, going backwards from there. */
async function findEnd(
  { store }: Pick<EngineDeps, 'store'>,
  taskId: string,
  from: number,
  isWanted: (run: string) => boolean,
): Promise<{ seq: number; run: string }> {
  for (let until = from; until > 0; until -= pageSize) {
    const after = Math.max(0, until - pageSize)
    const page = await store.readEvents(taskId, after, until - after)
    const found = page.findLast((event) => endsRun(event) && event.run !== null && isWanted(event.run))
    if (found?.run != null) return { seq: found.seq, run: found.run }
  }
  throw new Error(`The end of a run of task ${taskId} is not in its journal.`)
}

async function foldLedger(deps: Pick<EngineDeps, 'store'>, taskId: string, until: number): Promise<Ledger | undefined> {
  let ledger: Ledger | undefined
  for await (const page of pagesAfter(deps, taskId, 0)) {
    for (const event of page) {
      if (event.seq > until) return ledger
      ledger = ledgerAfter(ledger, event)
    }
  }
  return ledger
}

/** Yields pages of a journal. Other work gets its turn between two of them. */
async function* pagesAfter(
  { store }: Pick<EngineDeps, 'store'>,
  taskId: string,
  seq: number,
): AsyncGenerator<JournalEvent[]> {
  for (let after = seq; ; ) {
    const page = await store.readEvents(taskId, after, pageSize)
    yield page
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return
    after = last.seq
    await setImmediate()
  }
}

function ledgerAfter(ledger: Ledger | undefined, event: JournalEvent): Ledger {
  if (event.kind === 'task.submitted') return openLedger(event.facts.budget)
  if (ledger === undefined) throw new Error('A journal begins with task.submitted.')
  const move = ledgerMoveOf(event)
  return move === undefined ? ledger : moveLedger(ledger, move)
}

/** Returns the statement that an event adds to the run's own chain. */
function statementOf(event: JournalEvent): Digest | undefined {
  return event.kind === 'action.decided' || event.kind === 'action.settled' ? event.facts.statement : undefined
}

function endsRun({ kind }: JournalEvent): boolean {
  return kind === 'run.succeeded' || kind === 'run.failed' || kind === 'run.blocked' || kind === 'run.cancelled'
}
