import type { Digest } from '../domain/content.ts'
import type { Answer } from '../domain/decision.ts'
import type { AnyEventOf } from '../domain/event.ts'
import type { AnswerOutcome, ExpiryOutcome, PromptKind } from '../domain/prompt.ts'
import type { ConversationMessage, ToolCall } from '../model/model.ts'
import type { LostCall } from './reserved-call.ts'
import type { ToolArguments } from './tool-arguments.ts'

/** An action that the model asked for and that has no result yet. */
export interface OpenAction {
  readonly action: string
  readonly tool: string
  readonly call: string
  readonly arguments: ToolArguments
  /** The id of the action that a crash interrupted and that this one repeats. */
  readonly repeats: string | null
  /**
   * Set once the guard has allowed the action, which may therefore have begun: its certificate, and the micro-dollars that
   * are reserved for it.
   */
  readonly allowed: { readonly certificate: Digest; readonly reservedMicrosUsd: number } | null
  /** The prompt by which a person is asked, or null where nobody was. */
  readonly prompt: ActionPrompt | null
  /** The request for approval, or null where nobody was asked. */
  readonly asked: AskedApproval | null
}

/** The action as its approval was requested. The approval holds for exactly this. */
export interface AskedApproval {
  /** The content with the arguments as the tool would get them. */
  readonly arguments: Digest
  /** The labels of the run then, sorted. */
  readonly labels: readonly string[]
}

/** The prompt of an action. The action waits until it is settled. */
export interface ActionPrompt {
  readonly id: string
  readonly kind: PromptKind
  readonly onExpiry: ExpiryOutcome
  readonly settled: SettledPrompt | null
}

/** How a prompt was settled: by an answer, whose text is null once it is purged, or by its expiry. */
export type SettledPrompt =
  | {
      readonly by: 'answer'
      readonly outcome: AnswerOutcome
      readonly text: string | null
      readonly user: string
      readonly statement: Digest | null
    }
  | { readonly by: 'expiry' }

/**
 * The messages for the model and the state of the run. It is the fold of a journal (`fold-conversation.ts`), and is advanced
 * in memory as the run goes; after a crash the fold alone gives the same.
 */
export interface Conversation {
  readonly messages: ConversationMessage[]
  /** The bytes of UTF-8 of all messages, from which the tokens of the next call are estimated. */
  bytes: number
  /** The last step of the latest run that brought a response. */
  step: number
  /** The call of the latest run that the journal has a reservation for and no end. */
  call: LostCall | undefined
  /**
   * The text that the model had said in a step that was interrupted. It becomes a message when one of a person follows it.
   */
  interruptedText: string
  /** The actions without a result, in the order in which the model asked for them. */
  open: OpenAction[]
  /** The guard's last answer in the latest run. A run that ends after a denial is blocked. */
  lastAnswer: Answer | null
  /** True once the guard has denied the latest run something. */
  denied: boolean
  /** The actions that are repeated after a crash: what a person approved of them holds for the repetition. */
  repeated: ReadonlyMap<string, OpenAction>
  /** The labels of everything that the task has read. They only grow, over all runs. */
  readonly labels: Set<string>
  /** The digest of the latest run's last statement, which the next one names as its predecessor. */
  lastStatement: Digest | null
  /** Messages that came while actions were open. They follow after the results. */
  held: string[]
}

/** Makes the conversation of a task of which no event has been folded. */
export function emptyConversation(): Conversation {
  return { messages: [], bytes: 0, labels: new Set(), held: [], ...freshRun() }
}

/**
 * Makes the fields that each run of a task begins with anew. Messages and labels are not among them: they belong to the task.
 */
export function freshRun() {
  return {
    step: 0,
    call: undefined,
    interruptedText: '',
    open: [],
    lastAnswer: null,
    denied: false,
    lastStatement: null,
    repeated: new Map<string, OpenAction>(),
  }
}

/** Appends a message and counts its bytes. */
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

/**
 * Appends a message of a person. It waits for the results of the calls that are open, and stands after the text in which the
 * model was interrupted.
 */
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

/** Records a decision of the guard. Both the fold and whoever has just made the decision call it. */
export function recordDecision(conversation: Conversation, event: AnyEventOf<'action.decided'>): void {
  const { facts, contents } = event
  const { action, answer, statement, reserved_micros_usd } = facts
  conversation.lastAnswer = answer
  conversation.denied ||= answer === 'deny'
  conversation.lastStatement = statement
  if (answer === 'deny') return
  conversation.open = conversation.open.map((open) => {
    if (open.action !== action) return open
    if (answer === 'allow') {
      return { ...open, allowed: { certificate: statement, reservedMicrosUsd: reserved_micros_usd } }
    }
    const asked = { arguments: contents['arguments'] ?? open.arguments.digest, labels: [...conversation.labels].sort() }
    return { ...open, asked }
  })
}

/** Records a settlement. Both the fold and whoever has just made the settlement call it. */
export function recordSettlement(conversation: Conversation, { facts }: AnyEventOf<'action.settled'>): void {
  for (const label of facts.labels ?? []) conversation.labels.add(label)
  conversation.lastStatement = facts.statement ?? conversation.lastStatement
}

/** Records that a person is asked about an action. Both the fold and whoever has just opened the prompt call it. */
export function recordPrompt(conversation: Conversation, { facts }: AnyEventOf<'prompt.opened'>): void {
  const { prompt: id, prompt_kind: kind, on_expiry: onExpiry, action } = facts
  const prompt = { id, kind, onExpiry, settled: null }
  conversation.open = conversation.open.map((open) => (open.action === action ? { ...open, prompt } : open))
}

/** Records how a prompt was settled. */
export function settlePrompt(conversation: Conversation, id: string, settled: SettledPrompt): void {
  conversation.open = conversation.open.map((open) =>
    open.prompt?.id === id ? { ...open, prompt: { ...open.prompt, settled } } : open,
  )
}

/** Whether an action waits for a person. */
export function awaitsAnswer({ prompt }: OpenAction): boolean {
  return prompt !== null && prompt.settled === null
}

/** Gives an action its result, as the model reads it. Messages that waited for the last result follow. */
export function closeAction(conversation: Conversation, open: OpenAction, failed: boolean, output: string): void {
  conversation.open = conversation.open.filter(({ action }) => action !== open.action)
  say(conversation, { role: 'tool', callId: open.call, tool: open.tool, failed, output })
  releaseHeld(conversation)
}

function releaseHeld(conversation: Conversation): void {
  if (conversation.held.length === 0 || unanswered(conversation).length > 0) return
  for (const text of conversation.held.splice(0)) say(conversation, { role: 'user', text })
}

/** Gives a result to every open call, since providers refuse a conversation in which a tool call has none. */
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

/** Lists the calls of the last response that have no result yet. It looks back over one step only. */
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
