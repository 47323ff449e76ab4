import type { Digest } from '../domain/content.ts'
import type { Answer } from '../domain/decision.ts'
import type { AnyEventOf } from '../domain/event.ts'
import type { ConversationMessage, ToolCall } from '../model/model.ts'
import type { LostCall } from './reserved-call.ts'
import type { ToolArguments } from './tool-arguments.ts'

/** An action that the model asked for and that has no result yet. */
export interface OpenAction {
  readonly action: string
  readonly tool: string
  readonly call: string
  readonly arguments: ToolArguments
  /** The action that a crash interrupted and that this one repeats. */
  readonly repeats: string | null
  /** The guard allowed it, so it may have begun: its certificate, and what was reserved for it. */
  readonly allowed: { readonly certificate: Digest; readonly reservedMicrosUsd: number } | null
}

/** What a model is to be told, and where the run stands: the fold of a journal, carried on in memory as the run goes. */
export interface Conversation {
  readonly messages: ConversationMessage[]
  /** Bytes of UTF-8 that all messages come to: what the tokens of the next call are estimated from. */
  bytes: number
  /** The last step of the latest run that was responded to. */
  step: number
  /** A call of the latest run that is reserved for in the journal and has no end there. */
  call: LostCall | undefined
  /** What the model had said in a step that was interrupted: it is told what follows it, if a message follows. */
  interruptedText: string
  /** In the order in which the model asked for them. */
  open: OpenAction[]
  /** The guard's last answer in the latest run: a run that ends after a denial is blocked. */
  lastAnswer: Answer | null
  /** The latest run was denied something. */
  denied: boolean
  /** The labels of what the task has read. They only grow, over all runs. */
  readonly labels: Set<string>
  /** The last statement of the latest run. */
  lastStatement: Digest | null
  /** Messages that came while actions were open; they are told after the results. */
  held: string[]
}

export function emptyConversation(): Conversation {
  return { messages: [], bytes: 0, labels: new Set(), held: [], ...freshRun() }
}

/** What a further run of the task begins with. */
export function freshRun() {
  return {
    step: 0,
    call: undefined,
    interruptedText: '',
    open: [],
    lastAnswer: null,
    denied: false,
    lastStatement: null,
  }
}

/** Adds the next message. */
export function say(conversation: Conversation, message: ConversationMessage): void {
  conversation.messages.push(message)
  conversation.bytes += bytesOf(message)
}

function bytesOf(message: ConversationMessage): number {
  if (message.role === 'user') return Buffer.byteLength(message.text)
  if (message.role === 'tool') return Buffer.byteLength(message.output)
  const plain = Buffer.byteLength(message.text) + Buffer.byteLength(JSON.stringify(message.toolCalls))
  const verbatim = message.verbatim === null ? 0 : Buffer.byteLength(JSON.stringify(message.verbatim.messages))
  return Math.max(plain, verbatim)
}

/** A message of a person: after the results of the calls that are open, and after what the model was interrupted in. */
export function addUserMessage(conversation: Conversation, text: string): void {
  if (unanswered(conversation).length > 0) {
    conversation.held.push(text)
    return
  }
  if (conversation.interruptedText !== '') {
    say(conversation, { role: 'assistant', text: conversation.interruptedText, toolCalls: [], verbatim: null })
    conversation.interruptedText = ''
  }
  say(conversation, { role: 'user', text })
}

/** Takes note of a decision: called by the fold, and by whoever has just made it. */
export function recordDecision(conversation: Conversation, { facts }: AnyEventOf<'action.decided'>): void {
  const { action, answer, statement, reserved_micros_usd } = facts
  conversation.lastAnswer = answer
  conversation.denied ||= answer !== 'allow'
  conversation.lastStatement = statement
  if (answer !== 'allow') return
  const allowed = { certificate: statement, reservedMicrosUsd: reserved_micros_usd }
  conversation.open = conversation.open.map((open) => (open.action === action ? { ...open, allowed } : open))
}

/** Takes note of a settlement: called by the fold, and by whoever has just made it. */
export function recordSettlement(conversation: Conversation, { facts }: AnyEventOf<'action.settled'>): void {
  for (const label of facts.labels ?? []) conversation.labels.add(label)
  conversation.lastStatement = facts.statement ?? conversation.lastStatement
}

/** The action has its result, which the model is told. */
export function closeAction(conversation: Conversation, open: OpenAction, failed: boolean, output: string): void {
  conversation.open = conversation.open.filter(({ action }) => action !== open.action)
  say(conversation, { role: 'tool', callId: open.call, tool: open.tool, failed, output })
  releaseHeld(conversation)
}

function releaseHeld(conversation: Conversation): void {
  if (conversation.held.length === 0 || unanswered(conversation).length > 0) return
  for (const text of conversation.held.splice(0)) say(conversation, { role: 'user', text })
}

/** Ends every open call, since providers refuse a conversation in which a tool call has no result. */
export function closeOpenCalls(conversation: Conversation): void {
  for (const call of unanswered(conversation)) {
    say(conversation, {
      role: 'tool',
      callId: call.id,
      tool: call.tool,
      failed: true,
      output: 'This call has no result: the run ended before it came.',
    })
  }
  releaseHeld(conversation)
}

/** The calls of the last response that have no result yet. Looks back over one step only. */
function unanswered(conversation: Conversation): ToolCall[] {
  const answered = new Set<string>()
  for (let index = conversation.messages.length - 1; index >= 0; index -= 1) {
    const message = conversation.messages[index]
    if (message?.role === 'tool') answered.add(message.callId)
    else if (message?.role === 'assistant') return message.toolCalls.filter((call) => !answered.has(call.id))
    else return []
  }
  return []
}
