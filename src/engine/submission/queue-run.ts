import { covers } from '../../domain/capability.ts'
import type { Content } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { Refusal } from '../../domain/refusal.ts'
import { defaultPlace, type Place, type Run, type RunConfig } from '../../domain/task.ts'
import { contentOf } from '../../proof/digests.ts'
import type { PreparedRun } from '../../runner/attempt.ts'
import { type JournalToFold, prepareRun } from '../../runner/prepare-run.ts'
import type { EngineDeps } from '../engine-deps.ts'
import type { ServerDeps } from '../server-deps.ts'
import { startClaim } from '../services/claim-run.ts'
import type { Slot } from '../services/run-dispatcher.ts'

/** The priority of a run that was queued without one, from 1 to 10; 10 is the most urgent. */
export const defaultPriority = 5

/** The place, the priority and the instant from which a run may start. Those that are left out have their default. */
export interface QueueOptions {
  readonly place?: Place | undefined
  readonly priority?: number | undefined
  /** The run does not start before this instant, in milliseconds since 1970. */
  readonly notBefore?: number | null | undefined
}

/** The pools of workers: only the server's own. */
const pools: ReadonlySet<Place> = new Set([defaultPlace])

/** Refuses a place where nothing would ever take the run: `pool_not_found` for a pool, `machine_not_found` for a machine. */
export function checkPlace(place: Place): void {
  if (pools.has(place)) return
  if (place.startsWith('machine:')) throw new Refusal('machine_not_found', 'There is no such machine.')
  throw new Refusal('pool_not_found', 'There is no such pool of workers.')
}

/** A message: text, or end-to-end encrypted bytes that the server cannot read. */
export type MessageInput = { readonly text: string } | { readonly sealed: Uint8Array; readonly mediaType: string }

interface QueuedFacts {
  readonly run: string
  readonly at: number
  readonly turn: number
  readonly config: RunConfig
  readonly input: string
  readonly request: QueueOptions
}

/** Makes the event of a run that enters the queue. What a dialect froze with it becomes a content. */
export function queuedEvent(
  deps: Pick<EngineDeps, 'randomness'>,
  { run, at, turn, config, input, request }: QueuedFacts,
): { readonly event: NewEvent; readonly contents: readonly Content[] } {
  const { place = defaultPlace, priority = defaultPriority, notBefore = null } = request
  const { extension, ...recorded } = config
  const facts = { turn, place, priority, not_before: notBefore, config: recorded, input }
  const event: NewEvent = { kind: 'run.queued', run, attempt: null, at, facts, contents: {} }
  if (Object.keys(extension).length === 0) return { event, contents: [] }
  const kept = contentOf(deps.randomness.newSalt(), JSON.stringify(extension), 'application/json')
  return { event: { ...event, contents: { extension: kept.digest } }, contents: [kept] }
}

/** Makes the content of a message, under a fresh salt. */
export function messageContent(deps: Pick<EngineDeps, 'randomness'>, input: MessageInput): Content {
  const salt = deps.randomness.newSalt()
  if ('text' in input) return contentOf(salt, input.text, 'text/plain')
  return contentOf(salt, input.sealed, input.mediaType, true)
}

/**
 * Claims the new run in the same commit when a slot is free and nobody stands before it, and starts its first step. The slot
 * is taken when this resolves: a caller who does not launch the run must release it.
 */
export async function claimIfFree(deps: ServerDeps, queued: TaskSnapshot, journal: JournalToFold): Promise<FreeClaim> {
  const { run } = queued
  const { events } = journal
  const due = run.notBefore === null || run.notBefore <= deps.clock.now()
  const slot = due && covers('cloud:*', run.place) ? deps.dispatcher.reserve(laneOf(run)) : undefined
  if (slot === undefined) return { snapshot: queued, events, launch: undefined }
  try {
    const prepared = await prepareRun(deps, queued, journal)
    const claim = await startClaim(deps, queued, prepared)
    return {
      snapshot: claim.snapshot,
      events: [...events, ...claim.events],
      launch: { slot, prepared: claim.prepared },
    }
  } catch (error) {
    deps.dispatcher.release(slot)
    throw error
  }
}

/** The run after its claim, or as it is queued where no slot is free. */
export interface FreeClaim {
  readonly snapshot: TaskSnapshot
  readonly events: readonly NewEvent[]
  /** The slot to launch the run in; undefined where it stays in the queue. */
  readonly launch: { readonly slot: Slot; readonly prepared: PreparedRun } | undefined
}

function laneOf({ place, priority, ownerId, agentId }: Run) {
  return { place, priority, ownerId, agentId }
}
