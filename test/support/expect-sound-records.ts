import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import type { JournalEvent } from '../../src/domain/event.ts'
import { foldJournal } from '../../src/domain/evolve.ts'
import { isTerminal } from '../../src/domain/run-state.ts'
import type { Statement } from '../../src/domain/statement.ts'
import { purgedDetails } from '../../src/domain/task-details.ts'
import { leafHash, treeHash } from '../../src/proof/merkle.ts'
import { checkSignatures, openStatement, type PublicKeyOf } from '../../src/proof/signed-statement.ts'
import { verifyHead } from '../../src/proof/tree-head.ts'
import { createTaskReads } from '../../src/store/sqlite/reads/read-tasks.ts'

export interface RecordsSeen {
  readonly publicKeyOf: PublicKeyOf
  /** The envelopes of the heads that were published, as their canonical texts. */
  readonly heads: readonly string[]
  /** Every run that has ended is closed by now. */
  readonly allClosed: boolean
}

interface Logged {
  readonly row: number
  readonly statement: Statement
}

/** What must be true of the statements, the log and the ledgers in a data folder that no server has open, whenever it was cut. */
export async function expectSoundRecords(dataFolder: string, seen: RecordsSeen): Promise<void> {
  using database = new DatabaseSync(join(dataFolder, 'mandate.sqlite'))
  const logged = readLog(database, seen)
  const reads = createTaskReads(database)
  for (const row of database.prepare('SELECT id FROM tasks').all()) {
    const id = String(row['id'])
    const events = await reads.readEvents(id, 0, 1_000)
    const snapshot = await reads.readSnapshot(id)
    const folded = foldJournal(id, events, snapshot?.task ?? purgedDetails)
    expect(snapshot?.task.ledger).toEqual(folded.task.ledger)
    if (isTerminal(folded.run.state)) expect(folded.task.ledger.reserved.tokens).toBe(0)
    expectCertified(events, logged)
    expectClosed(id, events, logged, seen.allClosed)
  }
}

/** Its rows have no gap, every statement is signed and stands under its leaf, and it begins as every head has said. */
function readLog(database: DatabaseSync, { publicKeyOf, heads }: RecordsSeen): ReadonlyMap<string, Logged> {
  const rows = database.prepare('SELECT row, leaf, envelope FROM statements ORDER BY row').all()
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, i) => i + 1))
  const logged = new Map<string, Logged>()
  const leaves = rows.map(({ row, leaf, envelope }) => {
    const opened = openStatement(String(envelope))
    if ('problem' in opened) throw new Error(opened.problem)
    expect(checkSignatures(opened, publicKeyOf)).toBeUndefined()
    expect(Buffer.from(leaf as Uint8Array).toString('hex')).toBe(leafHash(Buffer.from(String(envelope))))
    logged.set(opened.digest, { row: Number(row), statement: opened.statement })
    return opened.leaf
  })
  const kept = database
    .prepare('SELECT envelope FROM log_heads')
    .all()
    .map(({ envelope }) => String(envelope))
  for (const text of [...heads, ...kept]) {
    const head = verifyHead(text, publicKeyOf)
    if ('problem' in head) throw new Error(head.problem)
    expect(head.size).toBeLessThanOrEqual(leaves.length)
    expect(treeHash(leaves.slice(0, head.size))).toBe(head.root)
  }
  return logged
}

/** Whatever was decided has its statement, and nothing came of an action that was not certified before. */
function expectCertified(events: readonly JournalEvent[], logged: ReadonlyMap<string, Logged>): void {
  const certified = new Map<string, number>()
  for (const event of events) {
    if (event.kind === 'action.decided') {
      const { action, answer, statement: digest } = event.facts
      const found = logged.get(digest)
      expect(found?.statement).toMatchObject({ action, kind: answer === 'allow' ? 'certificate' : 'refusal' })
      if (found !== undefined && answer === 'allow') certified.set(action, found.row)
    }
    if (event.kind === 'action.settled' && event.facts.outcome === 'settled') {
      const settlement = logged.get(event.facts.statement ?? '')
      expect(settlement?.statement).toMatchObject({ kind: 'settlement', action: event.facts.action })
      expect(certified.get(event.facts.action)).toBeLessThan(settlement?.row ?? 0)
    }
  }
}

const ends = ['run.succeeded', 'run.failed', 'run.blocked', 'run.cancelled']

function expectClosed(
  task: string,
  events: readonly JournalEvent[],
  logged: ReadonlyMap<string, Logged>,
  allClosed: boolean,
): void {
  const closings = [...logged.values()].flatMap(({ statement }) =>
    statement.kind === 'closing' && statement.task === task ? [statement.run] : [],
  )
  const ended = events.flatMap(({ kind, run }) => (ends.includes(kind) && run !== null ? [run] : []))
  expect(new Set(closings).size).toBe(closings.length)
  expect(ended).toEqual(expect.arrayContaining(closings))
  if (allClosed) expect(closings.toSorted()).toEqual(ended.toSorted())
}
