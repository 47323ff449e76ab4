import { eventsRoot } from '../digests.ts'
import type { AuditPackage } from './audit-package.ts'
import { BrokenLink, demand, demandEqual, present } from './broken-link.ts'
import { type PlacedStatement, statementsOf } from './open-statements.ts'
import type { RunRecord, TaskRecord } from './task-record.ts'

/** Checks that every statement about a task is about this one, and about a run that the package holds. */
export function checkBelonging(placed: readonly PlacedStatement[], { task, runs }: TaskRecord): void {
  for (const { where, statement } of placed) {
    if (statement.kind === 'rotation') continue
    demandEqual(where, 'its task', statement.task, task, 'the package')
    demand(
      runs.some(({ run }) => run === statement.run),
      where,
      `it is about the run ${statement.run}, which the events do not hold`,
    )
  }
}

/**
 * Checks that every run has ended and has exactly one closing statement. That statement must bind the events from the
 * end of the previous run to its own, the outcome, the ledger, and the chain of its statements, each of which names the
 * one before.
 */
export function checkRuns({ events }: AuditPackage, placed: readonly PlacedStatement[], record: TaskRecord): void {
  for (const run of record.runs) checkClosing(placed, record, run)
  const last = record.runs.at(-1)
  demandEqual('events', 'the last seq', events.length, last?.end?.seq ?? null, 'the end of the last run')
}

function checkClosing(placed: readonly PlacedStatement[], record: TaskRecord, run: RunRecord): void {
  const about = `run ${run.run}`
  const end = present(run.end, about, 'it has not ended within the package')
  const [closing, second] = statementsOf(placed, 'closing').filter(({ statement }) => statement.run === run.run)
  if (closing === undefined) throw new BrokenLink(about, 'it has no closing statement')
  demand(second === undefined, second?.where ?? '', `the run ${run.run} has a closing statement already`)
  const { where, statement } = closing
  const whose = 'the journal'
  demandEqual(where, 'the turn', statement.turn, run.turn, whose)
  demandEqual(where, 'the outcome', statement.outcome, end.outcome, whose)
  demandEqual(where, 'the first seq', statement.first_seq, run.firstSeq, whose)
  demandEqual(where, 'the last seq', statement.last_seq, end.seq, whose)
  const own = record.events.slice(run.firstSeq - 1, end.seq)
  const root = eventsRoot(record.task, own)
  demandEqual(where, `the root of the events ${run.firstSeq} to ${end.seq}`, statement.events_root, root, 'the events')
  demandEqual(where, 'the ledger', statement.ledger, end.ledger, whose)
  const chain = checkChain(placed, run)
  const closed = { count: chain.length, head: chain.at(-1)?.digest ?? null }
  demandEqual(where, 'the statements of the run', statement.statements, closed, 'the chain')
}

/** The certificates, refusals, requests for approval and settlements of a run. Each must name the one before it. */
function checkChain(placed: readonly PlacedStatement[], { run }: RunRecord): readonly PlacedStatement[] {
  const all = statementsOf(placed, 'certificate', 'refusal', 'ask', 'settlement')
  const chain = all.filter(({ statement }) => statement.run === run)
  for (const [i, { where, statement }] of chain.entries()) {
    demandEqual(
      where,
      'the statement before it',
      statement.previous,
      chain[i - 1]?.digest ?? null,
      `the chain of run ${run}`,
    )
  }
  return chain
}
