import { type Content, type Digest, purgedPlaceholder, readableText, sealedPlaceholder } from '../domain/content.ts'
import { type AnyEvent, type AnyEventOf, isAbout } from '../domain/event.ts'
import { unreachable } from '../domain/unreachable.ts'
import type { ToolCall } from '../model/model.ts'
import {
  addUserMessage,
  type Conversation,
  closeAction,
  closeOpenCalls,
  freshRun,
  recordDecision,
  recordPrompt,
  recordSettlement,
  say,
  settlePrompt,
} from './conversation.ts'
import { storedArguments } from './tool-arguments.ts'

type Contents = ReadonlyMap<Digest, Content>

/** Lists the contents that a fold of these events reads. */
export function contentsToRead(events: readonly AnyEvent[]): Digest[] {
  return events.flatMap((event) => {
    const { message, text, provider, arguments: args, result, answer } = event.contents
    if (event.kind.startsWith('run.') || event.kind === 'action.decided') return []
    return [message, text, provider, args, result, answer].filter((digest) => digest !== undefined)
  })
}

/**
 * Folds events of the conversation's journal into it, in their order. Contents that are gone or sealed are replaced by a
 * placeholder, so that a purge never stops a fold.
 */
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
      startStep(conversation, event)
      return
    case 'model.failed':
      failCall(conversation, event)
      return
    case 'model.interrupted':
      conversation.call = undefined
      conversation.interruptedText = readableText(contents.get(event.contents['text'] ?? '')) ?? ''
      return
    case 'model.responded':
      addResponse(conversation, event, contents)
      return
    case 'action.requested':
      addRequest(conversation, event, contents)
      return
    case 'action.decided':
      recordDecision(conversation, event)
      return
    case 'action.settled':
      addSettlement(conversation, event, contents)
      return
    case 'prompt.opened':
      recordPrompt(conversation, event)
      return
    case 'prompt.answered': {
      const { prompt, outcome } = event.facts
      const text = readableText(contents.get(event.contents['answer'] ?? '')) ?? null
      const { by, statement = null } = event.facts
      settlePrompt(conversation, prompt, { by: 'answer', outcome, text, user: by?.user ?? '', statement })
      return
    }
    case 'prompt.expired':
      settlePrompt(conversation, event.facts.prompt, { by: 'expiry' })
      return
    case 'prompt.rejected':
    case 'prompt.withdrawn':
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
    case 'action.revoked':
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.released':
    case 'run.claimed':
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
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

function startStep(conversation: Conversation, { facts }: AnyEventOf<'step.started'>): void {
  const { step, reserved } = facts
  conversation.call = { phase: 'lost', step, tryNumber: 1, reserved }
  conversation.interruptedText = ''
}

function failCall(conversation: Conversation, { facts }: AnyEventOf<'model.failed'>): void {
  const { step, try: tried, reserved } = facts
  conversation.call = reserved === undefined ? undefined : { phase: 'lost', step, tryNumber: tried + 1, reserved }
}

function addResponse(conversation: Conversation, event: AnyEventOf<'model.responded'>, contents: Contents): void {
  conversation.step = event.facts.step
  conversation.call = undefined
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
  const args = storedArguments(digest, contents.get(digest))
  const first = conversation.repeated.get(repeats ?? '')
  const carried = { prompt: first?.prompt ?? null, asked: first?.asked ?? null }
  conversation.open.push({ action, tool, call, arguments: args, repeats: repeats ?? null, allowed: null, ...carried })
  if (repeats !== undefined) return
  const last = conversation.messages.at(-1)
  if (last?.role !== 'assistant') throw new Error(`Action ${action} was requested by no response.`)
  const toolCalls: ToolCall[] = [...last.toolCalls, { id: call, tool, input: args.value }]
  conversation.messages[conversation.messages.length - 1] = { ...last, toolCalls }
  conversation.bytes += Buffer.byteLength(args.canonical)
}

function addSettlement(conversation: Conversation, event: AnyEventOf<'action.settled'>, contents: Contents): void {
  const settled = conversation.open.find((open) => open.action === event.facts.action)
  conversation.open = conversation.open.filter((open) => open !== settled)
  recordSettlement(conversation, event)
  const result = event.contents['result']
  if (settled === undefined) return
  if (result === undefined) {
    // The action is repeated, and the repetition brings the result.
    conversation.repeated = new Map(conversation.repeated).set(settled.action, settled)
    return
  }
  closeAction(conversation, settled, event.facts.outcome !== 'settled', textAt(contents, result))
}

function textAt(contents: Contents, digest: Digest | undefined): string {
  const content = contents.get(digest ?? '')
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}
