import type { JsonObject, JsonValue } from '../../../../domain/json.ts'
import type { UiChunk } from './ui-chunk.ts'

/** A part of a message as the AI SDK builds it from the stream. */
type UiPart = { [name: string]: JsonValue }

/**
 * The message that a client holds once it has read the chunks. A thread shows the same message, because it is folded
 * from the same chunks.
 */
export interface UiMessage {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly metadata: JsonObject
  readonly parts: readonly UiPart[]
}

/** The message of one run, folded from the chunks added so far. */
export interface MessageFold {
  id: string | undefined
  metadata: JsonObject
  parts: UiPart[]
}

/** Creates a message to which no chunk was added. */
export function emptyMessage(): MessageFold {
  return { id: undefined, metadata: {}, parts: [] }
}

/** Returns the message, or undefined before its first chunk. */
export function foldedMessage({ id, metadata, parts }: MessageFold): UiMessage | undefined {
  return id === undefined ? undefined : { id, role: 'assistant', metadata, parts }
}

/** Adds the next chunk to the message, as the AI SDK does. */
export function addChunk(fold: MessageFold, chunk: UiChunk): void {
  if (chunk.type === 'start') fold.id = chunk.messageId
  if ('messageMetadata' in chunk) fold.metadata = { ...fold.metadata, ...chunk.messageMetadata }
  const { parts } = fold
  switch (chunk.type) {
    case 'start-step':
      parts.push({ type: 'step-start' })
      break
    case 'reset-step':
      parts.length = parts.findLastIndex(({ type }) => type === 'step-start') + 1
      break
    case 'data-user-message':
      parts.push({ type: chunk.type, id: chunk.id, data: { ...chunk.data } })
      break
    default:
      if (chunk.type.startsWith('tool-')) addToCall(parts, chunk)
      else addText(parts, chunk)
  }
}

function addToCall(parts: UiPart[], chunk: UiChunk): void {
  switch (chunk.type) {
    case 'tool-input-available': {
      const { toolName, toolCallId, input } = chunk
      const call = { type: 'dynamic-tool', toolName, toolCallId, state: 'input-available', input }
      parts.push(call)
      break
    }
    case 'tool-output-available':
      Object.assign(callIn(parts, chunk.toolCallId), { state: 'output-available', output: chunk.output })
      break
    case 'tool-output-error':
      Object.assign(callIn(parts, chunk.toolCallId), { state: 'output-error', errorText: chunk.errorText })
      break
    case 'tool-output-denied':
      Object.assign(callIn(parts, chunk.toolCallId), { state: 'output-denied' })
      break
    case 'tool-approval-request': {
      const { approvalId: id, approvalDescriptor, reason, isAutomatic } = chunk
      const approval = {
        id,
        ...(approvalDescriptor !== undefined && { descriptor: approvalDescriptor }),
        ...(reason !== undefined && { requestReason: reason }),
        ...(isAutomatic && { isAutomatic }),
      }
      Object.assign(callIn(parts, chunk.toolCallId), { state: 'approval-requested', approval })
      break
    }
    case 'tool-approval-response': {
      const { approvalId, approved, reason } = chunk
      const call = parts.find(({ approval }) => idOf(approval) === approvalId) ?? {}
      const approval = { ...(call['approval'] as JsonObject), approved, ...(reason !== undefined && { reason }) }
      Object.assign(call, { state: 'approval-responded', approval })
      break
    }
    default:
      break
  }
}

function idOf(approval: JsonValue | undefined): JsonValue | undefined {
  return typeof approval === 'object' && approval !== null && !Array.isArray(approval) ? approval['id'] : undefined
}

function addText(parts: UiPart[], chunk: UiChunk): void {
  switch (chunk.type) {
    case 'text-start':
      parts.push({ type: 'text', text: '', state: 'streaming' })
      break
    case 'reasoning-start':
      parts.push({ type: 'reasoning', id: chunk.id, text: '', state: 'streaming' })
      break
    case 'text-delta':
    case 'reasoning-delta': {
      const part = streamingIn(parts, chunk.type)
      part['text'] = `${part['text']}${chunk.delta}`
      break
    }
    case 'text-end':
    case 'reasoning-end':
      Object.assign(streamingIn(parts, chunk.type), { state: 'done' })
      break
    default:
      break
  }
}

/** Finds the open part of a kind. At most one part of a kind is open at a time. */
function streamingIn(parts: readonly UiPart[], type: UiChunk['type']): UiPart {
  const kind = type.slice(0, type.indexOf('-'))
  return parts.findLast((part) => part['type'] === kind && part['state'] === 'streaming') ?? {}
}

function callIn(parts: readonly UiPart[], toolCallId: string): UiPart {
  return parts.findLast((part) => part['toolCallId'] === toolCallId) ?? {}
}
