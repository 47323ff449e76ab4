import type { JsonObject } from '../../domain/json.ts'
import type { ConversationMessage, ToolCall, ToolOffer } from '../model.ts'
import { explainDemo } from './explain-demo.ts'
import { fillInAnswer } from './fill-in-answer.ts'
import {
  type DemoPrompt,
  type DemoQuestion,
  type Instruction,
  needsTool,
  parseInstructions,
  type ToolInstruction,
} from './parse-instructions.ts'
import { type ActionReport, reportActions, reportMissingTool } from './report-action.ts'

/** A part of a turn. */
export type TurnPart =
  | { readonly kind: 'say'; readonly text: string; readonly tokens: number | null; readonly slowly: boolean }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'fail'; readonly reason: string }

/** One model call: what it says and waits for, in order, and the tool calls that it ends with. */
export interface Turn {
  readonly parts: readonly TurnPart[]
  /** None at the end, one for most instructions, and one for each prompt of an `ask`. */
  readonly calls: readonly ToolCall[]
}

/**
 * Plans the next turn from the messages alone: the latest user message holds the instructions, and the tool calls that were
 * answered since then are those of them that are done. A turn goes up to the next instruction that needs a tool. The last turn
 * also reports the outcome of each.
 */
export function planTurn(messages: readonly ConversationMessage[], tools: readonly ToolOffer[]): Turn {
  const asked = messages.findLastIndex((message) => message.role === 'user')
  const question = messages[asked]
  const parsed = parseInstructions(question?.role === 'user' ? question.text : '')
  if (!parsed.understood) return { parts: [plain(explainDemo(parsed.part))], calls: [] }
  const offered = new Set(tools.map((tool) => tool.name))
  const done = answeredCalls(messages.slice(asked + 1))
  const parts: TurnPart[] = []
  const account: TurnPart[] = []
  let answered = 0
  let answers: readonly ActionReport[] | null = null
  for (const written of parsed.instructions) {
    const instruction = answers === null ? written : fillInAnswer(written, answers)
    if (!needsTool(instruction)) {
      if (answered < done.length) continue // An earlier turn said it or waited for it.
      const part = partOf(instruction)
      parts.push(part)
      account.push(part)
      if (part.kind === 'fail') break
      continue
    }
    const { tool, inputs } = toolCallsOf(instruction)
    if (!offered.has(tool)) {
      account.push(plain(reportMissingTool(instruction, tool)))
      continue
    }
    const reports = done.slice(answered, answered + inputs.length)
    if (reports.length < inputs.length) return { parts, calls: callsOf(messages.length, tool, inputs) }
    if (instruction.kind === 'ask') answers = reports
    account.push(plain(reportActions(instruction, reports)))
    answered += inputs.length
  }
  return { parts: account, calls: [] }
}

/** The outcome of each tool call, in the order of the calls. */
function answeredCalls(messages: readonly ConversationMessage[]): ActionReport[] {
  const answers = new Map<string, ActionReport>()
  for (const message of messages) if (message.role === 'tool') answers.set(message.callId, message)
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []))
  return calls.map((call) => answers.get(call.id) ?? { failed: true, output: 'no result was recorded' })
}

function callsOf(position: number, tool: string, inputs: readonly JsonObject[]): ToolCall[] {
  return inputs.map((input, index) => {
    const id = index === 0 ? `call_${position}` : `call_${position}_${index + 1}`
    return { id, tool, input }
  })
}

function partOf(instruction: Exclude<Instruction, ToolInstruction>): TurnPart {
  return instruction.kind === 'wait' ? { kind: 'wait', ms: Math.round(instruction.seconds * 1000) } : instruction
}

function plain(text: string): TurnPart {
  return { kind: 'say', text, tokens: null, slowly: false }
}

function toolCallsOf(instruction: ToolInstruction): { tool: string; inputs: readonly JsonObject[] } {
  switch (instruction.kind) {
    case 'list':
      return { tool: 'list_files', inputs: [{}] }
    case 'read':
    case 'count':
      return { tool: 'read_file', inputs: [{ path: instruction.path }] }
    case 'write':
      return { tool: 'write_file', inputs: [{ path: instruction.path, content: instruction.text }] }
    case 'fetch':
      return { tool: 'fetch_url', inputs: [{ url: instruction.url }] }
    case 'ask':
      return { tool: 'ask_question', inputs: instruction.prompts.map(askInputOf) }
  }
}

function askInputOf({ questions, seconds }: DemoPrompt): JsonObject {
  const [first, ...others] = questions
  const expiry = seconds === null ? {} : { expires_in_seconds: seconds }
  if (first !== undefined && others.length === 0) return { ...itemOf(first), ...expiry }
  return {
    questions: questions.map((question, index) => ({ id: `answer_${index + 1}`, ...itemOf(question) })),
    ...expiry,
  }
}

function itemOf({ question, options, default: chosen }: DemoQuestion): JsonObject {
  return {
    question,
    ...(options.length > 0 && { options: [...options] }),
    ...(chosen !== null && { default: chosen }),
  }
}
