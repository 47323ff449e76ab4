import type { JsonValue } from '../../../../domain/json.ts'

/**
 * A chunk of a UI message stream (the AI SDK's, v1), as far as it is used here. Data for which the protocol has no
 * chunk travel as `data-…`, because a type that a client does not know would end its stream.
 */
export type UiChunk =
  | { readonly type: 'start'; readonly messageId: string; readonly messageMetadata: UiMetadata }
  | { readonly type: 'message-metadata'; readonly messageMetadata: UiMetadata }
  | { readonly type: 'start-step' }
  | { readonly type: 'finish-step' }
  /** Takes back everything shown of the step: its attempt was lost, or its model call is retried. */
  | { readonly type: 'reset-step' }
  | { readonly type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; readonly id: string }
  | { readonly type: 'text-delta' | 'reasoning-delta'; readonly id: string; readonly delta: string }
  | {
      readonly type: 'tool-input-available'
      readonly toolCallId: string
      readonly toolName: string
      readonly input: JsonValue
      readonly dynamic: true
    }
  | { readonly type: 'tool-output-available'; readonly toolCallId: string; readonly output: string }
  | { readonly type: 'tool-output-error'; readonly toolCallId: string; readonly errorText: string }
  | {
      readonly type: 'tool-approval-request'
      readonly toolCallId: string
      readonly approvalId: string
      readonly reason?: string
      /** The subject of the approval, which the client sends back with its answer. */
      readonly approvalDescriptor?: JsonValue
      /** Nobody is asked: the guard has decided. */
      readonly isAutomatic?: true
    }
  | {
      readonly type: 'tool-approval-response'
      readonly approvalId: string
      readonly approved: boolean
      readonly reason?: string
    }
  | { readonly type: 'tool-output-denied'; readonly toolCallId: string }
  /** A message that was added to the run while it was in progress. */
  | { readonly type: 'data-user-message'; readonly id: string; readonly data: { readonly text: string } }
  | {
      readonly type: 'data-tool-progress'
      readonly id: string
      readonly data: { readonly toolCallId: string; readonly text: string }
      readonly transient: true
    }
  | { readonly type: 'error'; readonly errorText: string }
  | { readonly type: 'abort'; readonly reason: string }
  /** `tool-calls` ends the stream of a run that waits: the message goes on once its open calls are answered. */
  | {
      readonly type: 'finish'
      readonly finishReason: 'stop' | 'error' | 'tool-calls'
      readonly messageMetadata: UiMetadata
    }

/** The metadata of a message. The client merges them: a later value replaces an earlier one. */
export interface UiMetadata {
  readonly task_id?: string
  readonly stream_id?: string
  /** The restraint of the run, and its reason. */
  readonly notice?: string
  readonly status?: string
  readonly model?: string
  readonly created_at?: string
  readonly completed_at?: string
}

/** These headers are sent with every stream beside those of server-sent events. */
export const uiStreamHeaders = { 'x-vercel-ai-ui-message-stream': 'v1' } as const

/** Writes a chunk as a frame of server-sent events. */
export function chunkFrame(chunk: UiChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

/** The frame that ends every UI message stream. */
export const lastFrame = 'data: [DONE]\n\n'
