import type { Content, Digest } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import { type PreparedRun, readInstructions } from './attempt.ts'
import { planStep } from './call-model.ts'
import { type Conversation, contentsToRead, emptyConversation, foldConversation } from './conversation.ts'
import type { RunnerRooms } from './runner-rooms.ts'

/** A journal of which the last events are still to be committed. */
export interface JournalToFold {
  /** Up to here it is stored: 0 for a new task. */
  readonly storedSeq: number
  readonly events: readonly NewEvent[]
  readonly contents: readonly Content[]
}

/**
 * What an attempt at this run starts from, read before the run is claimed. Right as long as nobody adds to the journal before
 * the claim.
 */
export async function prepareRun(
  rooms: RunnerRooms,
  snapshot: TaskSnapshot,
  journal: JournalToFold = { storedSeq: snapshot.task.lastSeq, events: [], contents: [] },
): Promise<PreparedRun> {
  const conversation = await loadConversation(rooms, snapshot.task.id, journal.storedSeq)
  const contents = new Map<Digest, Content>(journal.contents.map((content) => [content.digest, content]))
  foldConversation(conversation, journal.events, contents)
  return { conversation, instructions: await readInstructions(rooms, snapshot.run.config) }
}

/**
 * The event by which the commit that claims a run starts its first step too, so that the step costs no commit of its own;
 * undefined where it cannot start at once: something is open from an attempt before, it is to stop, or its budget is used up.
 */
export async function startAtOnce(
  rooms: RunnerRooms,
  claimed: TaskSnapshot,
  prepared: PreparedRun,
): Promise<{ readonly event: NewEvent; readonly prepared: PreparedRun } | undefined> {
  const { run } = claimed
  const { conversation } = prepared
  const open = conversation.open.length > 0 || conversation.cut !== null
  const keyLost = run.config.ownKey === true && !rooms.runKeys.has(run.id)
  if (open || keyLost || run.stopRequested || conversation.step >= run.config.stepsMax) return undefined
  const plan = await planStep(rooms, claimed, prepared, [])
  if (plan === undefined) return undefined
  const { provider, model } = run.config.model
  const facts = { step: conversation.step + 1, model, provider, reserved: plan.reserved }
  const at = run.claimedAt ?? rooms.clock.now()
  const event: NewEvent = { kind: 'step.started', run: run.id, attempt: run.attempt, at, facts, contents: {} }
  return { event, prepared: { ...prepared, begun: plan } }
}

async function loadConversation(rooms: RunnerRooms, taskId: string, lastSeq: number): Promise<Conversation> {
  const conversation = emptyConversation()
  const limit = rooms.limits.page_size_max
  for (let after = 0; after < lastSeq; ) {
    const events = await rooms.store.readEvents(taskId, after, limit)
    const last = events.at(-1)
    if (last === undefined) break
    foldConversation(conversation, events, await rooms.store.readContents(contentsToRead(events)))
    after = last.seq
  }
  return conversation
}
