import type { Content } from '../domain/content.ts'
import type { EventFacts, NewEvent } from '../domain/event.ts'
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
 * Opens the prompt of an action that a person is asked about: the agent's question, or the approval that the policy wants.
 * Answers undefined where nobody is asked. It is committed together with the decision on the action, so that no crash
 * separates the two.
 */
export function askPerson(attempt: Attempt, step: number, open: OpenAction, guarded: Guarded): Asked | undefined {
  const { tool, input, prompt } = guarded
  const about = { step, action: open.action, tool: tool.name, version: 1 }
  if (prompt !== null) {
    const facts = { ...about, prompt: prompt.id, prompt_kind: 'approval', expires_at: prompt.expiresAt } as const
    const categories = [...tool.approvalCategories]
    return opened(attempt, { ...facts, categories, on_expiry: 'deny' }, approvalPayload(attempt, open, guarded))
  }
  if (guarded.answer !== 'allow' || tool.ask === undefined) return undefined
  const { expiresInMs, onExpiry, ...question } = tool.ask(input)
  const id = attempt.deps.randomness.newId()
  const facts = { ...about, prompt: id, prompt_kind: 'question', categories: [], on_expiry: onExpiry } as const
  const payload = { ...question, schema: schemaOfAnswers(question) }
  const asked = opened(attempt, { ...facts, expires_at: null }, payload)
  if (expiresInMs === null) return asked
  // The time counts from the very instant at which it was asked.
  const { event } = asked
  return { ...asked, event: { ...event, facts: { ...event.facts, expires_at: event.at + expiresInMs } } }
}

/** The payload for the person who is asked to approve an action: exactly what would happen, and why they are asked. */
function approvalPayload(
  attempt: Attempt,
  open: OpenAction,
  { decided, tool, argumentsText, inputs }: Guarded,
): object {
  const { policy } = attempt.journal.snapshot.run.config
  return {
    tool: tool.name,
    description: tool.description,
    arguments: argumentsText,
    arguments_digest: decided.contents['arguments'] ?? open.arguments.digest,
    redacted: decided.contents['arguments'] !== undefined,
    reason: decided.facts.reason,
    rules: decided.facts.rules,
    policy: { ...policy },
    labels: inputs.labels,
    cost_micros_usd: inputs.cost_micros_usd,
  }
}

function opened(attempt: Attempt, facts: EventFacts['prompt.opened'], payload: object): Asked {
  const content = attempt.journal.text(canonicalText(payload), 'application/json')
  const event = attempt.journal.event('prompt.opened', facts, { payload: content.digest })
  return { event: event as Asked['event'], payload: content }
}
