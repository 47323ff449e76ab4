import type { JsonValue } from '../../../domain/json.ts'
import type { ChatMessage, CreateTask } from './contract/create-task.ts'

/** A call of the agent's message that its user has settled in the client. */
export interface SettledPart {
  readonly toolCallId: string
  /** The id of the prompt, where the call was to be approved. */
  readonly approvalId: string | undefined
  readonly settlement:
    | { readonly kind: 'output'; readonly output: JsonValue }
    | { readonly kind: 'error'; readonly message: string | undefined }
    | {
        readonly kind: 'approval'
        readonly approved: boolean
        readonly reason: string | undefined
        /** The digest of what was shown, as the client echoes it. */
        readonly argsDigest: string | undefined
      }
}

/** A message of the agent in which its user has settled calls, as the AI SDK sends it back. */
export interface SettledMessage {
  /** The id under which the client holds the message: the stream goes on with it. */
  readonly messageId: string | undefined
  /** The status that the client was told last. */
  readonly status: string | undefined
  readonly parts: readonly SettledPart[]
}

/**
 * Reads the calls that a chat has settled in the agent's message which the request is about: the one that `messageId` names,
 * or the last. It is undefined for a request that says something new or repeats an answer. Nothing else of the messages is
 * ever read, because everything else is in the journal.
 */
export function readSettledMessage(body: CreateTask): SettledMessage | undefined {
  const { messages, message, messageId, trigger, regenerate } = body
  if (message !== undefined || trigger === 'regenerate-message' || regenerate === true) return undefined
  const named = messageId ? messages?.findLast(({ id }) => id === messageId) : undefined
  const about = named ?? messages?.at(-1)
  if (about?.role !== 'assistant') return undefined
  const parts = (about.parts ?? []).flatMap(readPart)
  if (parts.length === 0) return undefined
  return { messageId: about.id || undefined, status: textIn(objectIn(about, 'metadata'), 'status'), parts }
}

type Fields = Readonly<Record<string, unknown>>

function readPart(part: NonNullable<ChatMessage['parts']>[number] & Fields): SettledPart[] {
  const toolCallId = textIn(part, 'toolCallId')
  if (toolCallId === undefined || !(part.type === 'dynamic-tool' || part.type.startsWith('tool-'))) return []
  const approval = objectIn(part, 'approval')
  const approvalId = textIn(approval, 'id')
  switch (part['state']) {
    case 'output-available':
      // It was parsed from JSON, so that it holds nothing else.
      return [{ toolCallId, approvalId, settlement: { kind: 'output', output: (part['output'] ?? null) as JsonValue } }]
    case 'output-error':
      return [{ toolCallId, approvalId, settlement: { kind: 'error', message: textIn(part, 'errorText') } }]
    case 'approval-responded': {
      const approved = approval['approved'] === true
      const argsDigest = textIn(objectIn(approval, 'descriptor'), 'argsDigest')
      const settlement = { kind: 'approval', approved, reason: textIn(approval, 'reason'), argsDigest } as const
      return [{ toolCallId, approvalId, settlement }]
    }
    default:
      return []
  }
}

function objectIn(fields: Fields, name: string): Fields {
  const value = fields[name]
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}
