import {
  type Content,
  type Digest,
  purgedPlaceholder,
  readableText,
  sealedPlaceholder,
} from '../../../domain/content.ts'
import type { ActionOutcome, DecisionFacts, JournalEvent } from '../../../domain/event.ts'
import type { ToolCall, Violation } from './contract/execution.ts'

export type Contents = ReadonlyMap<Digest, Content>

const outcomes: Readonly<Record<ActionOutcome, NonNullable<ToolCall['outcome']>>> = {
  settled: 'completed',
  failed: 'failed',
  denied: 'blocked',
  unknown: 'unknown',
}

export function outcomeOf(outcome: ActionOutcome): NonNullable<ToolCall['outcome']> {
  return outcomes[outcome]
}

const verdicts = { allow: 'allowed', deny: 'blocked', ask: 'awaiting_approval' } as const

/** What the guard said, in Certior's words. A verdict names no more than the rules that decided and why. */
export function verdictOf({ answer, rules, reason }: DecisionFacts) {
  const violations: Violation[] =
    answer === 'deny' ? rules.map((rule) => ({ category: rule, detail: reason, severity: 'block' })) : []
  return { verdict: verdicts[answer], reason, violations }
}

/** A text that an event speaks of; a stand-in where the server cannot read it; null where it speaks of none. */
export function textOf(contents: Contents, digest: Digest | undefined): string | null {
  if (digest === undefined) return null
  const content = contents.get(digest)
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}

export function argumentsOf(contents: Contents, digest: Digest | undefined): unknown {
  const text = readableText(contents.get(digest ?? ''))
  return text === undefined ? null : JSON.parse(text)
}

/** The tool calls after more of the journal. A call that waits for the guard has no verdict, one under way no outcome. */
export function foldToolCalls(calls: Map<string, ToolCall>, events: readonly JournalEvent[], contents: Contents): void {
  for (const event of events) {
    if (event.kind === 'action.requested') {
      const { action, step, tool } = event.facts
      calls.set(action, {
        id: action,
        step,
        tool,
        arguments: argumentsOf(contents, event.contents['arguments']),
        verdict: null,
        reason: null,
        violations: [],
        outcome: null,
        result: null,
        duration_ms: null,
        certificate_id: null,
        requested_at: new Date(event.at).toISOString(),
      })
    }
    if (event.kind === 'action.decided') {
      const call = calls.get(event.facts.action)
      if (call !== undefined) calls.set(call.id, { ...call, ...verdictOf(event.facts) })
    }
    if (event.kind === 'action.settled') {
      const call = calls.get(event.facts.action)
      if (call === undefined) continue
      const outcome = outcomeOf(event.facts.outcome)
      const result = textOf(contents, event.contents['result'])
      calls.set(call.id, { ...call, outcome, result, duration_ms: event.facts.duration_ms })
    }
  }
}

/** Which contents a fold of these events opens. */
export function contentsOfToolCalls(events: readonly JournalEvent[]): Digest[] {
  return events.flatMap(({ kind, contents }) => {
    const digest = kind === 'action.requested' ? contents['arguments'] : contents['result']
    return kind.startsWith('action.') && digest !== undefined ? [digest] : []
  })
}
