import type { EventOf } from '../../../../domain/event.ts'
import type { JsonObject, JsonValue } from '../../../../domain/json.ts'
import { instantOrNull } from '../../../edge/instants.ts'
import type { LoadedEvent } from './load-events.ts'
import type { UiChunk } from './ui-chunk.ts'

/** The tool calls of a step, as far as they were shown. */
export interface StepCalls {
  /** The calls without an outcome so far. */
  readonly open: ReadonlyMap<string, OpenCall>
  /** The approvals that people were asked for, by the ids of their prompts. A question is its call alone. */
  readonly approvals: ReadonlyMap<string, Approval>
}

/** A call without an outcome: why the guard denied it, and whether a person did. */
interface OpenCall {
  readonly denial: { readonly reason: string; readonly statement: string } | null
  readonly deniedByPerson: boolean
}

/** The call that an approval is about. It is the approval's own where there is no action. */
interface Approval {
  readonly toolCallId: string
  readonly isOwnCall: boolean
}

/** The calls after an event, and the chunks that show it. */
export interface ProjectedCalls {
  readonly calls: StepCalls
  readonly chunks: readonly UiChunk[]
}

/** The calls of a step that has none. */
export const noCalls: StepCalls = { open: new Map(), approvals: new Map() }

const justOpened: OpenCall = { denial: null, deniedByPerson: false }

/** The events of an action that a message shows. */
export type ActionEvent = EventOf<'action.requested'> | EventOf<'action.decided'> | EventOf<'action.settled'>

/** Shows the call of an action, and its outcome. */
export function projectAction(calls: StepCalls, event: ActionEvent, texts: LoadedEvent['texts']): ProjectedCalls {
  const { action } = event.facts
  const open = new Map(calls.open)
  if (event.kind === 'action.requested') {
    const chunk = {
      type: 'tool-input-available',
      toolCallId: action,
      toolName: event.facts.tool,
      dynamic: true,
    } as const
    open.set(action, justOpened)
    return { calls: { ...calls, open }, chunks: [{ ...chunk, input: inputOf(texts['arguments']) }] }
  }
  // The AI SDK would end the stream at an outcome whose request was not shown.
  const call = open.get(action)
  if (call === undefined) return { calls, chunks: [] }
  if (event.kind === 'action.decided') {
    const { answer, reason, statement } = event.facts
    if (answer === 'deny') open.set(action, { ...call, denial: { reason, statement } })
    return { calls: { ...calls, open }, chunks: [] }
  }
  open.delete(action)
  return { calls: { ...calls, open }, chunks: outcomeChunks(event, call, texts['result']) }
}

function outcomeChunks({ facts }: EventOf<'action.settled'>, call: OpenCall, result?: string): UiChunk[] {
  const { action: toolCallId, outcome } = facts
  if (outcome === 'settled') return [{ type: 'tool-output-available', toolCallId, output: result ?? '' }]
  if (outcome !== 'denied') {
    return [{ type: 'tool-output-error', toolCallId, errorText: result ?? 'The call was cut; its outcome is unknown.' }]
  }
  const denied = { type: 'tool-output-denied', toolCallId } as const
  if (call.deniedByPerson) return [denied]
  // The protocol has no denial without a request: the guard's decision is shown as one that was asked for and answered at once.
  const approvalId = call.denial?.statement ?? toolCallId
  const reason = call.denial?.reason ?? result ?? ''
  return [
    { type: 'tool-approval-request', toolCallId, approvalId, isAutomatic: true },
    { type: 'tool-approval-response', approvalId, approved: false, reason },
    denied,
  ]
}

type PromptEvent = EventOf<'prompt.opened'> | EventOf<'prompt.answered'> | EventOf<'prompt.expired'>

/** Shows an approval, and how it was settled. A question is shown by its call, and its answer is the call's output. */
export function projectPrompt(calls: StepCalls, event: PromptEvent, texts: LoadedEvent['texts']): ProjectedCalls {
  if (event.kind === 'prompt.opened') return openApproval(calls, event, objectOf(texts['payload']))
  const { prompt: approvalId } = event.facts
  const approval = calls.approvals.get(approvalId)
  if (approval === undefined) return { calls, chunks: [] }
  const approved = event.kind === 'prompt.answered' && event.facts.outcome === 'approved'
  const message = event.kind === 'prompt.answered' ? objectOf(texts['answer'])['message'] : 'Nobody answered in time.'
  const reason = typeof message === 'string' ? { reason: message } : {}
  const response: UiChunk = { type: 'tool-approval-response', approvalId, approved, ...reason }
  const { toolCallId, isOwnCall } = approval
  const open = new Map(calls.open)
  const call = open.get(toolCallId)
  if (!isOwnCall) {
    // The outcome of the action is still to come.
    if (call !== undefined && !approved) open.set(toolCallId, { ...call, deniedByPerson: true })
    return { calls: { ...calls, open }, chunks: [response] }
  }
  open.delete(toolCallId)
  const outcome: UiChunk = approved
    ? { type: 'tool-output-available', toolCallId, output: 'approved' }
    : { type: 'tool-output-denied', toolCallId }
  return { calls: { ...calls, open }, chunks: [response, outcome] }
}

/** A prompt that belongs to no action has a call of its own, under the id of the prompt. */
const ownTools = { plan: 'submit_plan', budget: 'raise_budget', approval: 'approve' } as const

function openApproval(calls: StepCalls, { facts }: EventOf<'prompt.opened'>, payload: JsonObject): ProjectedCalls {
  const { prompt: approvalId, prompt_kind: kind, action, expires_at } = facts
  if (kind === 'question') return { calls, chunks: [] }
  const toolCallId = action ?? approvalId
  if (action !== null && !calls.open.has(action)) return { calls, chunks: [] }
  const { reason, arguments_digest = null, policy = null } = payload
  const request: UiChunk = {
    type: 'tool-approval-request',
    toolCallId,
    approvalId,
    ...(typeof reason === 'string' && { reason }),
    approvalDescriptor: { argsDigest: arguments_digest, policy, expiresAt: instantOrNull(expires_at) },
  }
  const approvals = new Map(calls.approvals).set(approvalId, { toolCallId, isOwnCall: action === null })
  if (action !== null) return { calls: { ...calls, approvals }, chunks: [request] }
  const call = { type: 'tool-input-available', toolCallId, toolName: ownTools[kind], dynamic: true } as const
  const open = new Map(calls.open).set(toolCallId, justOpened)
  return { calls: { open, approvals }, chunks: [{ ...call, input: payload }, request] }
}

/** Parses the arguments of a call. Purged arguments are shown as their placeholder. */
function inputOf(text: string | undefined): JsonValue {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    return text ?? null
  }
}

/** Parses the payload or the answer of a prompt. It is empty where it was purged. */
function objectOf(text: string | undefined): JsonObject {
  const value = inputOf(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
