import { covers } from '../../domain/capability.ts'
import type { Content } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import { defaultPlace, type Place, type Run, type RunConfig } from '../../domain/task.ts'
import { contentOf } from '../../proof/content-of.ts'
import type { PreparedRun } from '../../runner/attempt.ts'
import { type JournalToFold, prepareRun } from '../../runner/prepare-run.ts'
import type { EngineDeps } from '../engine-deps.ts'
import type { ServerDeps } from '../server-deps.ts'
import { startClaim } from '../services/claim-run.ts'
import type { Slot } from '../services/run-dispatcher.ts'

/** The priority of a run that was queued without one, from 1 to 10; 10 is the most urgent. */
export const defaultPriority = 5

/** Where and when a run starts; what is left out has its default. */
export interface QueueOptions {
  readonly place?: Place | undefined
  readonly priority?: number | undefined
  /** Not before this instant, in ms since 1970. */
  readonly notBefore?: number | null | undefined
}

/** Text, or end-to-end encrypted bytes that the server cannot read. */
export type MessageInput = { readonly text: string } | { readonly sealed: Uint8Array; readonly mediaType: string }

interface QueuedFacts {
  readonly run: string
  readonly at: number
  readonly turn: number
  readonly config: RunConfig
  readonly input: string
  readonly request: QueueOptions
}

/** A run enters the queue; what a dialect froze with it becomes a content. */
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

export function messageContent(deps: Pick<EngineDeps, 'randomness'>, input: MessageInput): Content {
  const salt = deps.randomness.newSalt()
  if ('text' in input) return contentOf(salt, input.text, 'text/plain')
  return contentOf(salt, input.sealed, input.mediaType, true)
}

/**
 * Claims the new run in the same commit when a slot is free and nobody stands before it, and starts its first step. The slot
 * is taken when this resolves: whoever does not launch the run releases it.
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

export interface FreeClaim {
  readonly snapshot: TaskSnapshot
  readonly events: readonly NewEvent[]
  /** Undefined where the run stays in the queue. */
  readonly launch: { readonly slot: Slot; readonly prepared: PreparedRun } | undefined
}

function laneOf({ place, priority, ownerId, agentId }: Run) {
  return { place, priority, ownerId, agentId }
}
