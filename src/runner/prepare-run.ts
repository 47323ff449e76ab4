import type { Content, Digest } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import { type PreparedRun, readInstructions } from './attempt.ts'
import { type Conversation, emptyConversation } from './conversation.ts'
import { contentsToRead, foldConversation } from './fold-conversation.ts'
import { planStep } from './reserve-call.ts'
import type { RunnerDeps } from './runner-deps.ts'

/** A journal whose last events are still to be committed. */
export interface JournalToFold {
  /** The last seq that is stored; 0 for a new task. */
  readonly storedSeq: number
  readonly events: readonly NewEvent[]
  readonly contents: readonly Content[]
}

/**
 * Reads what an attempt at this run starts from, before the claim. It holds as long as nobody appends before the claim, which
 * the claim requires.
 */
export async function prepareRun(
  deps: Pick<RunnerDeps, 'limits' | 'store'>,
  snapshot: TaskSnapshot,
  journal: JournalToFold = { storedSeq: snapshot.task.lastSeq, events: [], contents: [] },
): Promise<PreparedRun> {
  const conversation = await loadConversation(deps, snapshot.task.id, journal.storedSeq)
  const contents = new Map<Digest, Content>(journal.contents.map((content) => [content.digest, content]))
  foldConversation(conversation, journal.events, contents)
  return { conversation, instructions: await readInstructions(deps.store, snapshot.run.config) }
}

/**
 * Makes the event by which the commit that claims a run also starts its first step, so that the step costs no commit of its
 * own. Answers undefined where the step cannot start at once: an earlier attempt left something open, a stop is pending, or
 * the budget does not pay for it.
 */
export async function startFirstStep(
  deps: RunnerDeps,
  claimed: TaskSnapshot,
  prepared: PreparedRun,
): Promise<{ readonly event: NewEvent; readonly prepared: PreparedRun } | undefined> {
  const { run } = claimed
  const { conversation } = prepared
  const isOpen = conversation.open.length > 0 || conversation.call !== undefined
  const isKeyLost = run.config.ownKey === true && !deps.runKeys.has(run.id)
  if (isOpen || isKeyLost || run.stopRequestedAt !== null || conversation.step >= run.config.stepsMax) return undefined
  const plan = await planStep(deps, claimed, prepared, [])
  if (plan === undefined) return undefined
  const { provider, model } = run.config.model
  const facts = { step: conversation.step + 1, model, provider, reserved: plan.reserved }
  const at = run.claimedAt ?? deps.clock.now()
  const event: NewEvent = { kind: 'step.started', run: run.id, attempt: run.attempt, at, facts, contents: {} }
  return { event, prepared: { ...prepared, firstCall: plan } }
}

async function loadConversation(
  deps: Pick<RunnerDeps, 'limits' | 'store'>,
  taskId: string,
  lastSeq: number,
): Promise<Conversation> {
  const conversation = emptyConversation()
  const limit = deps.limits.page_size_max
  for (let after = 0; after < lastSeq; ) {
    const events = await deps.store.readEvents(taskId, after, limit)
    const last = events.at(-1)
    if (last === undefined) break
    foldConversation(conversation, events, await deps.store.readContents(contentsToRead(events)))
    after = last.seq
  }
  return conversation
}
