import type { JsonObject, JsonValue } from '../../../../domain/json.ts'
import type { UiChunk } from './ui-chunk.ts'

/** A part of a message as the AI SDK builds it from the stream. */
type UiPart = { [name: string]: JsonValue }

/** The message that a client has in hand once it has read the chunks: what a thread shows is what its streams said. */
export interface UiMessage {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly metadata: JsonObject
  readonly parts: readonly UiPart[]
}

/** The message of one run as far as its chunks were added. */
export interface MessageFold {
  id: string | undefined
  metadata: JsonObject
  parts: UiPart[]
}

export function emptyMessage(): MessageFold {
  return { id: undefined, metadata: {}, parts: [] }
}

/** The message, or undefined before its first chunk. */
export function foldedMessage({ id, metadata, parts }: MessageFold): UiMessage | undefined {
  return id === undefined ? undefined : { id, role: 'assistant', metadata, parts }
}

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
    case 'tool-input-available': {
      const { toolName, toolCallId, input } = chunk
      parts.push({ type: 'dynamic-tool', toolName, toolCallId, state: 'input-available', input })
      break
    }
    case 'tool-output-available':
      Object.assign(callIn(parts, chunk.toolCallId), { state: 'output-available', output: chunk.output })
      break
    case 'tool-output-error':
      Object.assign(callIn(parts, chunk.toolCallId), { state: 'output-error', errorText: chunk.errorText })
      break
    default:
      addText(parts, chunk)
  }
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

/** At most one part of a kind is open at a time. */
function streamingIn(parts: readonly UiPart[], type: UiChunk['type']): UiPart {
  const kind = type.slice(0, type.indexOf('-'))
  return parts.findLast((part) => part['type'] === kind && part['state'] === 'streaming') ?? {}
}

function callIn(parts: readonly UiPart[], toolCallId: string): UiPart {
  return parts.findLast((part) => part['toolCallId'] === toolCallId) ?? {}
}
