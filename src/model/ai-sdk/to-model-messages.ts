import type { AssistantContent, ModelMessage, ToolResultPart } from 'ai'
import { isNestedDeeper, type JsonValue } from '../../domain/json.ts'
import type { ModelChoice } from '../../domain/task.ts'
import type { ConversationMessage } from '../model.ts'

/**
 * The conversation as the SDK's messages. The earlier messages of the same provider and model are passed back verbatim.
 */
export function toModelMessages(messages: readonly ConversationMessage[], choice: ModelChoice): ModelMessage[] {
  const translated: ModelMessage[] = []
  for (const message of messages) {
    switch (message.role) {
      case 'user':
        translated.push({ role: 'user', content: message.text })
        break
      case 'assistant':
        translated.push(...assistantMessages(message, choice))
        break
      case 'tool': {
        const last = translated.at(-1)
        const result = toolResult(message)
        if (last?.role === 'tool') last.content.push(result)
        else translated.push({ role: 'tool', content: [result] })
      }
    }
  }
  return translated
}

function assistantMessages(
  message: Extract<ConversationMessage, { role: 'assistant' }>,
  choice: ModelChoice,
): ModelMessage[] {
  const { verbatim } = message
  if (verbatim !== null && verbatim.provider === choice.provider && verbatim.model === choice.model) {
    return structuredClone(verbatim.messages) as ModelMessage[] // `verbatimMessages` made them.
  }
  const content: Exclude<AssistantContent, string> = []
  if (message.text !== '') content.push({ type: 'text', text: message.text })
  for (const call of message.toolCalls) {
    // A provider accepts only an object here, also where the model had sent something else.
    const input = typeof call.input === 'object' && call.input !== null ? call.input : {}
    content.push({ type: 'tool-call', toolCallId: call.id, toolName: call.tool, input })
  }
  return content.length === 0 ? [] : [{ role: 'assistant', content }]
}

function toolResult(message: Extract<ConversationMessage, { role: 'tool' }>): ToolResultPart {
  return {
    type: 'tool-result',
    toolCallId: message.callId,
    toolName: message.tool,
    output: { type: message.failed ? 'error-text' : 'text', value: message.output },
  }
}

/** A depth beyond every meaningful answer. JSON.stringify has no stack for far deeper values. */
const nestingMax = 1_000

/**
 * The part of a response that is stored to be passed back: the assistant's messages as JSON, or null where they are
 * nested too deeply. The SDK itself answers a call that it finds invalid; that answer is left out, since the runner
 * gives its own.
 */
export function verbatimMessages(messages: readonly ModelMessage[]): JsonValue {
  const kept = messages.filter((message) => message.role === 'assistant')
  if (isNestedDeeper(kept, nestingMax)) return null
  return JSON.parse(JSON.stringify(kept)) as JsonValue
}
