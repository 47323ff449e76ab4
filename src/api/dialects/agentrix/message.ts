import { type Content, readableText } from '../../../domain/content.ts'
import type { CallAmounts, EventOf, JournalEvent } from '../../../domain/event.ts'
import type { QuestionItem } from '../../../domain/prompt.ts'
import { instantOf } from '../../edge/instants.ts'
import { type AskUserMessage, askUser, askUserResponse } from './ask-user.ts'
import { showId, showIdOrNull } from './ids.ts'

/** A part of a message in the form that clients of agents know. */
type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: 'tool_result'
      readonly tool_use_id: string
      readonly content: string | null
      readonly is_error: boolean
    }

/** The message of an event: somebody's words, the end of a run, or a system message for anything else. */
export type Message =
  | { readonly type: 'user'; readonly message: { readonly role: 'user'; readonly content: string | null | Part[] } }
  | { readonly type: 'assistant'; readonly message: { readonly role: 'assistant'; readonly content: Part[] } }
  | { readonly type: 'result'; readonly subtype: string; readonly is_error: boolean; readonly result: string | null }
  | AskUserMessage
  | { readonly type: 'system'; readonly subtype: string; readonly [fact: string]: unknown }

type ContentOf = (role: string) => Content | undefined

/**
 * Converts an event to a message in the form that clients of agents know. A text that is encrypted or purged becomes
 * null. `questions` are those of a prompt that is a question, of which the event is a part.
 */
export function messageOf(event: JournalEvent, contentOf: ContentOf, questions?: readonly QuestionItem[]): Message {
  const text = (role: string) => readableText(contentOf(role)) ?? null
  switch (event.kind) {
    case 'message.added':
      return { type: 'user', message: { role: 'user', content: text('message') } }
    case 'model.responded':
      return assistant([...thinking(text('reasoning')), ...textPart(text('text'))])
    case 'action.requested':
      return assistant([toolUse(event, text('arguments'))])
    case 'action.settled':
      return { type: 'user', message: { role: 'user', content: [toolResult(event, text('result'))] } }
    case 'run.succeeded':
      return { type: 'result', subtype: 'success', is_error: false, result: text('result') }
    case 'run.failed':
      return { type: 'result', subtype: 'error', is_error: true, result: event.facts.error.message }
    case 'run.blocked':
      return { type: 'result', subtype: 'blocked', is_error: true, result: event.facts.error.message }
    case 'run.cancelled':
      return { type: 'result', subtype: 'cancelled', is_error: true, result: null }
    case 'prompt.opened':
      return questions === undefined ? systemMessage(event) : askUser(event, questions, instantOf)
    case 'prompt.answered':
    case 'prompt.expired':
    case 'prompt.withdrawn':
      return questions === undefined ? systemMessage(event) : askUserResponse(event, questions, contentOf('answer'))
    default:
      return systemMessage(event)
  }
}

function systemMessage(event: Exclude<JournalEvent, { kind: Spoken }>): Message {
  return { type: 'system', subtype: event.kind.replace('.', '_'), ...factsOf(event) }
}

type Spoken =
  | 'message.added'
  | 'model.responded'
  | 'action.requested'
  | 'action.settled'
  | `run.${'succeeded' | 'failed' | 'blocked' | 'cancelled'}`

/** Selects the facts of the other events that are shown: none that belong to a dialect, and no configuration. */
function factsOf(event: Exclude<JournalEvent, { kind: Spoken }>): object {
  switch (event.kind) {
    case 'task.submitted': {
      const { agent, parent, root } = event.facts
      const parentTaskId = showIdOrNull('task', parent)
      return { agentId: showId('agent', agent), parentTaskId, rootTaskId: showId('task', root) }
    }
    case 'run.queued':
      return { turn: event.facts.turn, priority: event.facts.priority }
    case 'step.started':
      return { step: event.facts.step, model: event.facts.model }
    case 'model.failed': {
      const { step, code, message, will_retry } = event.facts
      return { step, code, message, willRetry: will_retry }
    }
    case 'model.interrupted':
      return { step: event.facts.step, reason: event.facts.reason }
    case 'action.decided': {
      const { action, answer, reason } = event.facts
      return { tool_use_id: action, answer, reason }
    }
    case 'action.revoked':
      return { tool_use_id: event.facts.action, by: event.facts.by }
    case 'budget.overdrawn': {
      const { of, reserved, used } = event.facts
      return { of, reserved: shownAmounts(reserved), used: shownAmounts(used) }
    }
    case 'budget.transferred':
    case 'budget.released':
      return { toTaskId: showId('task', event.facts.to), amounts: shownAmounts(event.facts.amounts) }
    case 'budget.returned':
    case 'budget.granted':
      return { fromTaskId: showId('task', event.facts.from), amounts: shownAmounts(event.facts.amounts) }
    case 'prompt.opened': {
      const { prompt, prompt_kind, action, tool, expires_at } = event.facts
      return { promptId: prompt, promptKind: prompt_kind, tool_use_id: action, tool, expiresAt: expires_at }
    }
    case 'prompt.answered': {
      const { prompt, outcome } = event.facts
      return { promptId: prompt, outcome }
    }
    case 'prompt.rejected': {
      const { prompt, code, message } = event.facts
      return { promptId: prompt, code, message }
    }
    case 'prompt.expired':
      return { promptId: event.facts.prompt, outcome: event.facts.outcome }
    case 'prompt.withdrawn':
      return { promptId: event.facts.prompt, reason: event.facts.reason }
    case 'run.claimed':
    case 'attempt.lost':
    case 'run.waiting':
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
      return event.facts
    case 'run.stop_requested':
    case 'run.stop_withdrawn':
    case 'run.paused':
    case 'run.resumed':
      return {}
  }
}

function shownAmounts({ micros_usd, ...same }: CallAmounts): object {
  return { microsUsd: micros_usd, ...same }
}

function assistant(content: Part[]): Message {
  return { type: 'assistant', message: { role: 'assistant', content } }
}

function textPart(text: string | null): Part[] {
  return text === null ? [] : [{ type: 'text', text }]
}

function thinking(text: string | null): Part[] {
  return text === null ? [] : [{ type: 'thinking', thinking: text }]
}

function toolUse({ facts }: EventOf<'action.requested'>, text: string | null): Part {
  return { type: 'tool_use', id: facts.action, name: facts.tool, input: text === null ? null : JSON.parse(text) }
}

function toolResult({ facts }: EventOf<'action.settled'>, content: string | null): Part {
  return { type: 'tool_result', tool_use_id: facts.action, content, is_error: facts.outcome !== 'settled' }
}
