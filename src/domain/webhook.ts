import type { AnswerLinks } from './answer-link.ts'
import type { EventKind } from './event.ts'
import { eventKinds } from './event.ts'
import type { visibilities } from './principal.ts'
import type { Task } from './task.ts'

/** The formats of a delivery's body and headers, each that of one dialect. */
export const endpointFormats = ['standard', 'team', 'certior', 'shinzo'] as const
/** The format of deliveries to an endpoint. */
export type EndpointFormat = (typeof endpointFormats)[number]

/** The states of an endpoint. */
export const endpointStates = ['active', 'disabled'] as const
/** The state of an endpoint. */
export type EndpointState = (typeof endpointStates)[number]

/** The reasons for which an endpoint is disabled. `gone` means that it responded 410. */
export const disabledReasons = ['by_hand', 'gone'] as const

/**
 * The holder of the secret that signs: an API key, a user (who calls without a stored key), or the endpoint itself. The
 * Ed25519 key is stored in the same way.
 */
export type SecretHolder = `key:${string}` | `user:${string}` | `endpoint:${string}` | 'signing-key'

/** Encrypts secrets so that only this installation can decrypt them, each under a name that it is bound to. */
export interface Encrypter {
  encrypt(name: string, text: string): Uint8Array
  /** Undefined where the bytes were encrypted under another key or name, or changed since. */
  decrypt(name: string, encrypted: Uint8Array): string | undefined
}

/** A secret as it is stored: bytes that only the server's encrypter decrypts. */
export interface EncryptedSecret {
  readonly holder: SecretHolder
  readonly encrypted: Uint8Array
  /** The previous secret, which also signs until the instant. */
  readonly previous: { readonly encrypted: Uint8Array; readonly until: number } | null
  readonly updatedAt: number
}

/**
 * A target of deliveries. It belongs to one task (its `webhook_url`) or to a team, or is a subscription to its owner's
 * tasks.
 */
export interface Endpoint {
  readonly id: string
  readonly ownerId: string
  readonly taskId: string | null
  readonly teamId: string | null
  /** The agent whose tasks' events it receives, or null for every agent. */
  readonly agentId: string | null
  readonly url: string
  /** Kinds of events (`run.succeeded`) or patterns (`run.*`, `*`). */
  readonly events: readonly string[]
  readonly format: EndpointFormat
  /** The links that come with `prompt.opened`; null for none. */
  readonly answerLinks: AnswerLinks | null
  readonly secretHolder: SecretHolder
  readonly state: EndpointState
  /** The reason for which it is disabled, or null while it is active. */
  readonly disabledBecause: (typeof disabledReasons)[number] | null
  /** The instant before which it asked (by Retry-After) to be sent nothing, or 0. */
  readonly holdUntil: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** The events that end a run, which a `webhook_url` is called for. */
export const endedEvents = [
  'run.succeeded',
  'run.failed',
  'run.blocked',
  'run.cancelled',
] as const satisfies EventKind[]

/** The part of a URL that names the server. Deliveries to one server share a lane. */
export function targetOf(url: string): string {
  return new URL(url).origin
}

/** The types of deliveries: the kinds of events, of which those that settle a prompt are one. */
export const webhookTypes = [...eventKinds, 'prompt.settled'] as const
/** The type of a delivery. */
export type WebhookType = (typeof webhookTypes)[number]

const settlesPrompt: ReadonlySet<EventKind> = new Set<EventKind>([
  'prompt.answered',
  'prompt.expired',
  'prompt.withdrawn',
])

/** The type of the delivery of an event. A receiver that waits for the end of a prompt need not know every way it ends. */
export function webhookTypeOf(kind: EventKind): WebhookType {
  return settlesPrompt.has(kind) ? 'prompt.settled' : kind
}

/** Whether a word is a kind of event, a type of delivery, or a pattern that at least one kind matches. */
export function isEventPattern(word: string): boolean {
  return eventKinds.some((kind) => matches(word, kind))
}

function matches(pattern: string, kind: EventKind): boolean {
  if (pattern === '*' || pattern === kind || pattern === webhookTypeOf(kind)) return true
  return pattern.endsWith('.*') && kind.startsWith(pattern.slice(0, -1))
}

/** Whether one of the patterns matches the kind of event. */
export function wantsEvent(patterns: readonly string[], kind: EventKind): boolean {
  return patterns.some((pattern) => matches(pattern, kind))
}

const shownToTeam: ReadonlySet<string> = new Set<(typeof visibilities)[number]>(['team', 'public'])

/**
 * Whether the endpoint receives events of this task. The task's own endpoint is found through the task and not through
 * this.
 */
export function concerns(endpoint: Endpoint, task: Task): boolean {
  if (endpoint.taskId !== null || endpoint.state !== 'active') return false
  if (endpoint.agentId !== null && endpoint.agentId !== task.agentId) return false
  if (endpoint.teamId !== null) return endpoint.teamId === task.teamId && shownToTeam.has(task.visibility)
  return endpoint.ownerId === task.ownerId
}

/** The beginning of a shown secret, by Standard Webhooks. */
export const secretPrefix = 'whsec_'

/** The beginning of a published Ed25519 key, by Standard Webhooks. */
export const publicKeyPrefix = 'whpk_'

/** The text that both kinds of signatures are made over. */
export function signedText(id: string, timestamp: string, body: string): string {
  return `${id}.${timestamp}.${body}`
}
