import type { JsonValue } from '../../../../domain/json.ts'

/**
 * What a UI message stream (the AI SDK's, v1) is made of, as far as it is used here. What the protocol has no chunk for
 * travels as `data-…`: a type that a client does not know would end its stream.
 */
export type UiChunk =
  | { readonly type: 'start'; readonly messageId: string; readonly messageMetadata: UiMetadata }
  | { readonly type: 'message-metadata'; readonly messageMetadata: UiMetadata }
  | { readonly type: 'start-step' }
  | { readonly type: 'finish-step' }
  /** What was shown of the step is taken back: its attempt was lost, or its call is tried again. */
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
  /** A message that was given to the run while it was under way. */
  | { readonly type: 'data-user-message'; readonly id: string; readonly data: { readonly text: string } }
  | {
      readonly type: 'data-tool-progress'
      readonly id: string
      readonly data: { readonly toolCallId: string; readonly text: string }
      readonly transient: true
    }
  | { readonly type: 'error'; readonly errorText: string }
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'finish'; readonly finishReason: 'stop' | 'error'; readonly messageMetadata: UiMetadata }

/** Merged by the client: a later value replaces an earlier one. */
export interface UiMetadata {
  readonly task_id?: string
  readonly stream_id?: string
  /** What is held back from the run and why. */
  readonly notice?: string
  readonly status?: string
  readonly model?: string
  readonly created_at?: string
  readonly completed_at?: string
}

/** Served with every stream beside the headers of server-sent events. */
export const uiStreamHeaders = { 'x-vercel-ai-ui-message-stream': 'v1' } as const

export function chunkFrame(chunk: UiChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

export const lastFrame = 'data: [DONE]\n\n'
