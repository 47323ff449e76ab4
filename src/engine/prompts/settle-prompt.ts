import type { Content } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Prompt } from '../../domain/prompt.ts'
import type { SignedStatement } from '../../domain/statement.ts'
import { commitEvents } from '../../journal/commit-events.ts'
import { recordEvents } from '../../journal/record-events.ts'
import { type IdempotentRequest, journalAt, runIs, type Write } from '../../store/commit.ts'
import type { ServerDeps } from '../server-deps.ts'

/** The event that settles a prompt, and what goes into its commit. */
export interface Settlement {
  readonly event: NewEvent
  readonly contents?: readonly Content[] | undefined
  readonly statements?: readonly SignedStatement[] | undefined
  readonly writes?: readonly Write[] | undefined
  readonly request?: IdempotentRequest | undefined
}

/** A prompt that was settled: the task after it, and the prompts that its run still has open. */
export interface SettledPromptOutcome {
  readonly snapshot: TaskSnapshot
  readonly open: readonly Prompt[]
}

/**
 * Settles a prompt in one commit, which requires that nobody has settled it before. Where a waiting run has no other prompt
 * open, the same commit puts it back into the queue. Answers undefined, and writes nothing, where the task has changed since
 * it was read: the caller reads anew.
 */
export async function settlePrompt(
  deps: ServerDeps,
  { task, run }: TaskSnapshot,
  prompt: Prompt,
  { event, contents, statements, writes, request }: Settlement,
): Promise<SettledPromptOutcome | undefined> {
  const open = (await deps.store.listOpenPrompts(task.id)).filter(({ id }) => id !== prompt.id)
  const goesOn = run.state === 'waiting' && open.length === 0
  const resumed: NewEvent = { kind: 'run.resumed', run: run.id, attempt: null, at: event.at, facts: {}, contents: {} }
  const recorded = recordEvents(deps, { task, run }, goesOn ? [event, resumed] : [event], { contents })
  const outcome = await commitEvents(deps, [recorded], {
    // A running attempt adds to the journal all the time, and finds the answer there before it would wait.
    require: [
      runIs(run.id, [run.state], run.attempt),
      ...(run.state === 'running' ? [] : [journalAt(task.id, task.lastSeq)]),
    ],
    statements,
    writes,
    request,
  })
  if (!outcome.committed) return undefined
  const [snapshot = recorded.after] = outcome.after
  if (goesOn) deps.dispatcher.enqueued(snapshot.run)
  return { snapshot, open }
}
