import { setImmediate } from 'node:timers/promises'
import type { EngineDeps } from '../engine-deps.ts'
import { type Closing, closeRun, commitClosings, type EndedRun, prepareClosing } from './close-run.ts'

/** The closings that are prepared before other work gets its turn. */
const preparedAtOnce = 16

/** Gets the outcome of each run that is to be closed. */
export interface ClosingReport {
  closed(run: EndedRun): void
  /** The callee may throw the error again: then nothing more is tried. */
  failed(run: EndedRun, error: unknown): void
}

interface Prepared {
  readonly ended: EndedRun
  readonly closing: Closing
}

/**
 * Closes these runs, and answers with the number that it has closed. Those that write to no journal go together in one
 * commit. A sub-task's goes by itself, since it is prepared from ledgers that the one before it may have moved.
 */
export async function closeRuns(deps: EngineDeps, ended: readonly EndedRun[], report: ClosingReport): Promise<number> {
  const together: Prepared[] = []
  let closed = 0
  for (const [i, one] of ended.entries()) {
    if (i % preparedAtOnce === preparedAtOnce - 1) await setImmediate()
    const closing = await prepareClosing(deps, one).catch((error: unknown) => report.failed(one, error))
    if (closing === undefined) continue
    if (closing.returns === undefined) together.push({ ended: one, closing })
    else closed += await commitTogether(deps, [{ ended: one, closing }], report)
  }
  return closed + (await commitTogether(deps, together, report))
}

/** Commits closings together. Where one of them prevents that, each is prepared anew and goes by itself. */
async function commitTogether(deps: EngineDeps, prepared: readonly Prepared[], report: ClosingReport): Promise<number> {
  if (prepared.length === 0) return 0
  const closings = prepared.map(({ closing }) => closing)
  const refused = await commitClosings(deps, closings).catch(() => 'failed' as const) // 'failed' as const) // which => the error shows again, one by one
  if (refused === undefined) {
    for (const { ended } of prepared) report.closed(ended)
    return prepared.length
  }
  let closed = 0
  for (const { ended } of prepared) closed += await closeAlone(deps, ended, report)
  return closed
}

async function closeAlone(deps: EngineDeps, ended: EndedRun, report: ClosingReport): Promise<number> {
  try {
    if (!(await closeRun(deps, ended))) return 0
    report.closed(ended)
    return 1
  } catch (error) {
    report.failed(ended, error)
    return 0
  }
}
