import type { JsonObject } from '../../domain/json.ts'
import type { ConversationMessage, ToolCall, ToolOffer } from '../model.ts'
import { explainDemo } from './explain-demo.ts'
import { type Instruction, needsTool, parseInstructions, type ToolInstruction } from './parse-instructions.ts'
import { type ActionReport, reportAction, reportMissingTool } from './report-action.ts'

/** A part of a turn. */
export type TurnPart =
  | { readonly kind: 'say'; readonly text: string; readonly tokens: number | null; readonly slowly: boolean }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'fail'; readonly reason: string }

/** One model call: what it says and waits for, in order, and the one tool call that it may end with. */
export interface Turn {
  readonly parts: readonly TurnPart[]
  readonly call: ToolCall | null
}

/**
 * Plans the next turn from the messages alone: the latest user message holds the instructions, and each tool call that
 * was answered since then is one of them done. A turn goes up to the next instruction that needs a tool. The last turn
 * also reports the outcome of each.
 */
export function planTurn(messages: readonly ConversationMessage[], tools: readonly ToolOffer[]): Turn {
  const asked = messages.findLastIndex((message) => message.role === 'user')
  const question = messages[asked]
  const parsed = parseInstructions(question?.role === 'user' ? question.text : '')
  if (!parsed.understood) return { parts: [plain(explainDemo(parsed.part))], call: null }
  const offered = new Set(tools.map((tool) => tool.name))
  const done = answeredCalls(messages.slice(asked + 1))
  const parts: TurnPart[] = []
  const account: TurnPart[] = []
  let answered = 0
  for (const instruction of parsed.instructions) {
    if (!needsTool(instruction)) {
      if (answered < done.length) continue // An earlier turn said it or waited for it.
      const part = partOf(instruction)
      parts.push(part)
      account.push(part)
      if (part.kind === 'fail') break
      continue
    }
    const { tool, input } = toolCallOf(instruction)
    if (!offered.has(tool)) {
      account.push(plain(reportMissingTool(instruction, tool)))
      continue
    }
    const report = done[answered]
    if (report === undefined) return { parts, call: { id: `call_${messages.length}`, tool, input } }
    account.push(plain(reportAction(instruction, report)))
    answered += 1
  }
  return { parts: account, call: null }
}

/** The outcome of each tool call, in the order of the calls. */
function answeredCalls(messages: readonly ConversationMessage[]): ActionReport[] {
  const answers = new Map<string, ActionReport>()
  for (const message of messages) if (message.role === 'tool') answers.set(message.callId, message)
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []))
  return calls.map((call) => answers.get(call.id) ?? { failed: true, output: 'no result was recorded' })
}

function partOf(instruction: Exclude<Instruction, ToolInstruction>): TurnPart {
  return instruction.kind === 'wait' ? { kind: 'wait', ms: Math.round(instruction.seconds * 1000) } : instruction
}

function plain(text: string): TurnPart {
  return { kind: 'say', text, tokens: null, slowly: false }
}

function toolCallOf(instruction: ToolInstruction): { tool: string; input: JsonObject } {
  switch (instruction.kind) {
    case 'list':
      return { tool: 'list_files', input: {} }
    case 'read':
    case 'count':
      return { tool: 'read_file', input: { path: instruction.path } }
    case 'write':
      return { tool: 'write_file', input: { path: instruction.path, content: instruction.text } }
    case 'fetch':
      return { tool: 'fetch_url', input: { url: instruction.url } }
  }
}
