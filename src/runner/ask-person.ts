import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import { schemaOfAnswers } from '../domain/prompt.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import type { Attempt } from './attempt.ts'
import type { OpenAction } from './conversation.ts'
import type { Guarded } from './guard-action.ts'

/** The event that opens a prompt, and the content that says what is asked. */
export interface Asked {
  readonly event: NewEvent & { kind: 'prompt.opened' }
  readonly payload: Content
}

/**
 * Opens the prompt of an action that a person is asked about. Answers undefined where nobody is. It is committed together
 * with the decision on the action, so that no crash separates the two.
 */
export function askPerson(attempt: Attempt, step: number, open: OpenAction, guarded: Guarded): Asked | undefined {
  const { deps, journal } = attempt
  const { tool, input } = guarded
  if (guarded.answer !== 'allow' || tool.ask === undefined) return undefined
  const { expiresInMs, onExpiry, ...question } = tool.ask(input)
  const payload = journal.text(canonicalText({ ...question, schema: schemaOfAnswers(question) }), 'application/json')
  const event = journal.event(
    'prompt.opened',
    {
      prompt: deps.randomness.newId(),
      prompt_kind: 'question',
      step,
      action: open.action,
      tool: tool.name,
      categories: [],
      version: 1,
      expires_at: expiresInMs === null ? null : deps.clock.now() + expiresInMs,
      on_expiry: onExpiry,
    },
    { payload: payload.digest },
  )
  return { event: event as Asked['event'], payload }
}
