import { type Content, type Digest, purgedPlaceholder, readableText, sealedPlaceholder } from '../domain/content.ts'
import type { Answer } from '../domain/decision.ts'
import { type AnyEvent, type AnyEventOf, type CallAmounts, isAbout } from '../domain/event.ts'
import type { JsonValue } from '../domain/json.ts'
import { unreachable } from '../domain/unreachable.ts'
import type { ConversationMessage, ToolCall } from '../model/model.ts'

type Contents = ReadonlyMap<Digest, Content>

/** An action that the model asked for and that has no result yet. */
export interface OpenAction {
  readonly action: string
  readonly tool: string
  readonly call: string
  readonly input: JsonValue
  readonly arguments: Digest
  /** Of the content that holds the arguments; empty where that is gone. */
  readonly salt: string
  /** The action that a crash cut and that this one does again. */
  readonly repeats: string | null
  /** The guard allowed it, so it may have begun: its certificate, and what was reserved for it. */
  readonly allowed: { readonly certificate: Digest; readonly reservedMicrosUsd: number } | null
}

/** What a model is to be told, and where the run stands: the fold of a journal, carried on in memory as the run goes. */
export interface Conversation {
  readonly messages: ConversationMessage[]
  /** Bytes of UTF-8 that all messages come to: what the next call's tokens are estimated from. */
  bytes: number
  /** The last step of the latest run that was responded to. */
  step: number
  /** A step of the latest run that was started and of which nothing more is known, and what was reserved for it. */
  cut: { readonly step: number; readonly reserved: CallAmounts } | null
  /** In the order the model asked for them. */
  open: OpenAction[]
  /** The guard's last answer in the latest run: a run that ends after a denial is blocked. */
  lastAnswer: Answer | null
  /** The latest run was denied something. */
  denied: boolean
  /** What the task has read is labelled with: it only grows, over all runs. */
  readonly labels: Set<string>
  /** The last statement of the latest run. */
  lastStatement: Digest | null
  /** Messages that came while actions were open; they are told after the results. */
  held: string[]
}

export function emptyConversation(): Conversation {
  return { messages: [], bytes: 0, labels: new Set(), held: [], ...freshRun() }
}

function freshRun() {
  return { step: 0, cut: null, open: [], lastAnswer: null, denied: false, lastStatement: null }
}

/** The next message of the conversation. */
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

/** Which contents a fold of these events will open. */
export function contentsToRead(events: readonly AnyEvent[]): Digest[] {
  return events.flatMap((event) => {
    const { message, text, provider, arguments: given, result } = event.contents
    if (event.kind.startsWith('run.') || event.kind === 'action.decided') return []
    return [message, text, provider, given, result].filter((digest) => digest !== undefined)
  })
}

export function foldConversation(conversation: Conversation, events: readonly AnyEvent[], contents: Contents): void {
  for (const event of events) foldEvent(conversation, event, contents)
}

function foldEvent(conversation: Conversation, event: AnyEvent, contents: Contents): void {
  if (isAbout(event, 'attempt')) return
  switch (event.kind) {
    case 'run.queued':
      closeOpenCalls(conversation)
      Object.assign(conversation, freshRun())
      return
    case 'task.submitted':
    case 'budget.returned':
    case 'budget.granted':
      for (const label of event.facts.labels) conversation.labels.add(label)
      return
    case 'message.added':
      addUserMessage(conversation, textAt(contents, event.contents['message']))
      return
    case 'step.started':
      conversation.cut = event.facts
      return
    case 'model.failed': {
      const { step, reserved } = event.facts
      conversation.cut = reserved === undefined ? null : { step, reserved }
      return
    }
    case 'model.responded':
      addResponse(conversation, event, contents)
      return
    case 'action.requested':
      addRequest(conversation, event, contents)
      return
    case 'action.decided':
      noteDecision(conversation, event)
      return
    case 'action.settled':
      addSettlement(conversation, event, contents)
      return
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
    case 'action.revoked':
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.released':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.waiting':
    case 'run.paused':
    case 'run.resumed':
    case 'run.succeeded':
    case 'run.failed':
    case 'run.blocked':
    case 'run.cancelled':
      return
    default:
      unreachable(event)
  }
}

/** What a decision means for the run: also called by whoever has just made it. */
export function noteDecision(conversation: Conversation, { facts }: AnyEventOf<'action.decided'>): void {
  const { action, answer, statement, reserved_micros_usd } = facts
  conversation.lastAnswer = answer
  conversation.denied ||= answer !== 'allow'
  conversation.lastStatement = statement
  if (answer !== 'allow') return
  const allowed = { certificate: statement, reservedMicrosUsd: reserved_micros_usd }
  conversation.open = conversation.open.map((open) => (open.action === action ? { ...open, allowed } : open))
}

export function addUserMessage(conversation: Conversation, text: string): void {
  if (unanswered(conversation).length > 0) conversation.held.push(text)
  else say(conversation, { role: 'user', text })
}

function addResponse(conversation: Conversation, event: AnyEventOf<'model.responded'>, contents: Contents): void {
  conversation.step = event.facts.step
  conversation.cut = null
  const text = event.contents['text'] === undefined ? '' : textAt(contents, event.contents['text'])
  const verbatim = readableText(contents.get(event.contents['provider'] ?? ''))
  say(conversation, {
    role: 'assistant',
    text,
    toolCalls: [],
    verbatim: verbatim === undefined ? null : JSON.parse(verbatim),
  })
}

function addRequest(conversation: Conversation, event: AnyEventOf<'action.requested'>, contents: Contents): void {
  const { action, tool, call, repeats } = event.facts
  const digest = event.contents['arguments'] ?? ''
  const content = contents.get(digest)
  const text = readableText(content)
  const input: JsonValue = text === undefined ? {} : JSON.parse(text)
  const salt = content?.salt ?? ''
  conversation.open.push({
    action,
    tool,
    call,
    input,
    arguments: digest,
    salt,
    repeats: repeats ?? null,
    allowed: null,
  })
  if (repeats !== undefined) return
  const last = conversation.messages.at(-1)
  if (last?.role !== 'assistant') throw new Error(`Action ${action} was requested by no response.`)
  const toolCalls: ToolCall[] = [...last.toolCalls, { id: call, tool, input }]
  conversation.messages[conversation.messages.length - 1] = { ...last, toolCalls }
  conversation.bytes += Buffer.byteLength(text ?? '')
}

function addSettlement(conversation: Conversation, event: AnyEventOf<'action.settled'>, contents: Contents): void {
  const settled = conversation.open.find((open) => open.action === event.facts.action)
  conversation.open = conversation.open.filter((open) => open !== settled)
  noteSettlement(conversation, event)
  const result = event.contents['result']
  if (settled === undefined || result === undefined) return // it is done again: the repetition brings the result
  const failed = event.facts.outcome !== 'settled'
  addResult(conversation, settled.call, settled.tool, failed, textAt(contents, result))
}

export function noteSettlement(conversation: Conversation, { facts }: AnyEventOf<'action.settled'>): void {
  for (const label of facts.labels ?? []) conversation.labels.add(label)
  conversation.lastStatement = facts.statement ?? conversation.lastStatement
}

export function addResult(
  conversation: Conversation,
  callId: string,
  tool: string,
  failed: boolean,
  output: string,
): void {
  say(conversation, { role: 'tool', callId, tool, failed, output })
  releaseHeld(conversation)
}

function releaseHeld(conversation: Conversation): void {
  if (conversation.held.length === 0 || unanswered(conversation).length > 0) return
  for (const text of conversation.held.splice(0)) say(conversation, { role: 'user', text })
}

/** Providers refuse a conversation in which a tool call has no result. */
function closeOpenCalls(conversation: Conversation): void {
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

function textAt(contents: Contents, digest: Digest | undefined): string {
  const content = contents.get(digest ?? '')
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}
