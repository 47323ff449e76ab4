import type { JournalEvent } from '../../src/domain/event.ts'
import { foldJournal } from '../../src/domain/evolve.ts'
import type { ClosingStatement } from '../../src/domain/statement.ts'
import { purgedDetails } from '../../src/domain/task-details.ts'
import type { EndedRun } from '../../src/engine/services/close-run.ts'
import { createRunCloser } from '../../src/engine/services/run-closer.ts'
import { bytesOfBase64 } from '../../src/proof/base64.ts'
import { eventsRoot } from '../../src/proof/digests.ts'
import { checkSignatures, openStatement } from '../../src/proof/signed-statement.ts'
import type { Notary } from '../../src/signer/signer.ts'
import type { LoggedStatement } from '../../src/store/store.ts'
import type { EngineWorld } from './create-engine-world.ts'
import { started } from './started.ts'

/** A run closer in a world, whose closings and looks can be waited for. */
export function watchCloser(world: Pick<EngineWorld, 'deps' | 'clock'>) {
  const closed: EndedRun[] = []
  const looks: number[] = []
  const stop = started(
    createRunCloser(world.deps, {
      closed: (run) => closed.push(run),
      polled: (found) => looks.push(found),
    }),
  )
  const { clock } = world
  return {
    closed,
    stop,
    /** Lets it look until this run is closed. */
    async closes(runId: string) {
      const isClosed = () => closed.some((one) => one.runId === runId)
      await clock.until(() => {
        if (!isClosed()) clock.advance(20)
        return isClosed()
      })
    },
    /** Lets it look once more, from now on. */
    async looks() {
      const before = looks.length
      clock.advance(1_000)
      await clock.until(() => looks.length > before)
    },
  }
}

/** What a signed statement states, where everything about it is right. */
export function openSigned({ keyring }: Notary, logged: LoggedStatement) {
  const opened = openStatement(logged.envelope)
  if ('problem' in opened) throw new Error(opened.problem)
  const wrong = checkSignatures(opened, (keyId) => {
    const key = keyring.keys.find(({ key_id }) => key_id === keyId)
    return key && bytesOfBase64(key.public_key)
  })
  if (wrong !== undefined) throw new Error(wrong.problem)
  if (opened.leaf !== logged.leaf || opened.digest !== logged.digest) throw new Error('It is kept as another one.')
  return opened.statement
}

/** The one closing statement of a run. */
export async function closingOf({ deps, store }: EngineWorld, run: { id: string; taskId: string }) {
  const statements = await store.listStatements(run.taskId, run.id)
  const [closing, ...more] = statements.filter(({ kind }) => kind === 'closing')
  if (closing === undefined || more.length > 0) throw new Error(`${more.length + 1} closing statements of ${run.id}`)
  const statement = openSigned(deps.notary, closing)
  if (statement.kind !== 'closing') throw new Error('It is of another kind.')
  return statement
}

/** What a closing statement of these events must say. */
export function expectedClosing(
  taskId: string,
  events: readonly JournalEvent[],
  first: number,
  last: number,
): Partial<ClosingStatement> {
  const own = events.slice(first - 1, last)
  const { task, run } = foldJournal(taskId, events.slice(0, last), purgedDetails)
  const chain = own.flatMap(({ facts }) => ('statement' in facts && facts.statement ? [facts.statement] : []))
  return {
    task: taskId,
    run: run.id,
    turn: run.turn,
    outcome: run.state as ClosingStatement['outcome'],
    first_seq: first,
    last_seq: last,
    events_root: eventsRoot(taskId, own),
    statements: { count: chain.length, head: chain.at(-1) ?? null },
    ledger: task.ledger,
  }
}
