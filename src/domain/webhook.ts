import type { EventKind } from './event.ts'
import { eventKinds } from './event.ts'
import type { visibilities } from './principal.ts'
import type { Task } from './task.ts'

/** Whose words a delivery's body and headers are. */
export const endpointFormats = ['standard', 'team', 'certior', 'shinzo'] as const
export type EndpointFormat = (typeof endpointFormats)[number]

export const endpointStates = ['active', 'disabled'] as const
export type EndpointState = (typeof endpointStates)[number]

/** `gone`: it answered 410. */
export const disabledReasons = ['by_hand', 'gone'] as const

/**
 * Whose secret signs: an API key's, a user's (who calls without a stored key), or the endpoint's own. The Ed25519 key is kept
 * in the same way.
 */
export type SecretHolder = `key:${string}` | `user:${string}` | `endpoint:${string}` | 'signing-key'

/** A secret as it is stored: bytes that only the server's sealer opens. */
export interface SealedSecret {
  readonly holder: SecretHolder
  readonly sealed: Uint8Array
  /** The one before, which signs beside it until then. */
  readonly previous: { readonly sealed: Uint8Array; readonly until: number } | null
  readonly updatedAt: number
}

/** Where deliveries go. Belongs to one task (its `webhook_url`), to a team, or is a subscription to its owner's tasks. */
export interface Endpoint {
  readonly id: string
  readonly ownerId: string
  readonly taskId: string | null
  readonly teamId: string | null
  /** Only events of tasks with this agent; null for any. */
  readonly agentId: string | null
  readonly url: string
  /** Kinds (`run.succeeded`) or patterns (`run.*`, `*`). */
  readonly events: readonly string[]
  readonly format: EndpointFormat
  readonly secretHolder: SecretHolder
  readonly state: EndpointState
  /** Null while it is active. */
  readonly disabledBecause: (typeof disabledReasons)[number] | null
  /** It asked (Retry-After) not to be sent anything before this instant; 0 for none. */
  readonly holdUntil: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** The events that end a run: what a `webhook_url` is called for. */
export const endedEvents = [
  'run.succeeded',
  'run.failed',
  'run.blocked',
  'run.cancelled',
] as const satisfies EventKind[]

/** The part of a URL that says which server is reached: deliveries to one server share a lane. */
export function targetOf(url: string): string {
  return new URL(url).origin
}

/** Whether a word names a kind of event, or a pattern that at least one kind matches. */
export function isEventPattern(word: string): boolean {
  return eventKinds.some((kind) => matches(word, kind))
}

function matches(pattern: string, kind: EventKind): boolean {
  if (pattern === '*' || pattern === kind) return true
  return pattern.endsWith('.*') && kind.startsWith(pattern.slice(0, -1))
}

export function wantsEvent(patterns: readonly string[], kind: EventKind): boolean {
  return patterns.some((pattern) => matches(pattern, kind))
}

const shownToTeam: ReadonlySet<string> = new Set<(typeof visibilities)[number]>(['team', 'public'])

/** Whether events of this task are for this endpoint; a task's own endpoint is found by the task, not by this. */
export function concerns(endpoint: Endpoint, task: Task): boolean {
  if (endpoint.taskId !== null || endpoint.state !== 'active') return false
  if (endpoint.agentId !== null && endpoint.agentId !== task.agentId) return false
  if (endpoint.teamId !== null) return endpoint.teamId === task.teamId && shownToTeam.has(task.visibility)
  return endpoint.ownerId === task.ownerId
}
