import { isNestedDeeper, type JsonValue, toWellFormedJson } from '../domain/json.ts'
import type { ModelDelta, ModelResponse, ToolCall } from '../model/model.ts'

/** The levels of nesting that a provider's verbatim messages may add around the arguments of a call. */
const levelsAroundArguments = 8

/**
 * Makes a response storable, so that a restart reads exactly what was read before it. Lone surrogates become U+FFFD, wherever
 * they stand. Arguments that are nested deeper than `depthMax` become a text that says so, which no tool takes; the verbatim
 * messages are left out then, since they hold the same.
 */
export function keepableResponse(response: ModelResponse, depthMax: number): ModelResponse {
  return {
    ...response,
    text: response.text.toWellFormed(),
    reasoning: response.reasoning.toWellFormed(),
    finish: response.finish.toWellFormed(),
    toolCalls: response.toolCalls.map((call) => keepableCall(call, depthMax)),
    messages: keepableMessages(response.messages, depthMax),
  }
}

function keepableCall(call: ToolCall, depthMax: number): ToolCall {
  const input = isNestedDeeper(call.input, depthMax)
    ? `[the arguments were nested more than ${depthMax} levels deep (json_depth_max)]`
    : toWellFormedJson(call.input)
  return { ...call, id: call.id.toWellFormed(), tool: call.tool.toWellFormed(), input }
}

function keepableMessages(messages: JsonValue | null, depthMax: number): JsonValue | null {
  return isNestedDeeper(messages, depthMax + levelsAroundArguments) ? null : toWellFormedJson(messages)
}

/**
 * Publishes the deltas of one call in well-formed Unicode: the first half of a surrogate pair waits for the second, which a
 * provider may send in the next delta. `end` publishes a half that stayed alone as U+FFFD, so that all deltas together are
 * the text.
 */
export function wellFormedDeltas(publish: (delta: ModelDelta) => void): { take(delta: ModelDelta): void; end(): void } {
  const halves = { text: '', reasoning: '' }
  const pass = (kind: ModelDelta['kind'], text: string) => {
    if (text !== '') publish({ kind, text: text.toWellFormed() })
  }
  return {
    take({ kind, text }) {
      const whole = halves[kind] + text
      const half = firstHalf.exec(whole)?.[0] ?? ''
      halves[kind] = half
      pass(kind, whole.slice(0, whole.length - half.length))
    },
    end() {
      for (const kind of ['text', 'reasoning'] as const) pass(kind, halves[kind])
    },
  }
}

/** The first half of a surrogate pair at the end of a text. */
const firstHalf = /[\ud800-\udbff]$/
