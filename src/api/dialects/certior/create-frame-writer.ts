import type { Digest } from '../../../domain/content.ts'
import type { JournalEvent } from '../../../domain/event.ts'
import { detailsOf } from '../../../domain/task-details.ts'
import { blockedToolStatus, type Frame, frameStatuses } from './contract/frame.ts'
import { executionIdOf } from './execution-id.ts'
import { argumentsOf, type Contents, outcomeOf, textOf, verdictOf } from './fold-tool-calls.ts'
import { centsOf } from './present-execution.ts'

/** Which contents the frames of these events show. What the provider sent verbatim is not shown. */
export function contentsOfFrames(events: readonly JournalEvent[]): Digest[] {
  return events.flatMap(({ contents: { provider: _verbatim, ...shown } }) => Object.values(shown))
}

/** Makes the frames of one task, from its first event on and in order: what was spent so far is counted on the way. */
export function createFrameWriter(taskId: string): (event: JournalEvent, contents: Contents) => Frame {
  let step = 0
  let costMicrosUsd = 0
  return (event, contents) => {
    if (event.kind === 'run.queued') {
      step = 0
      costMicrosUsd = 0
    }
    if ('step' in event.facts) step = event.facts.step
    if ('cost_micros_usd' in event.facts) costMicrosUsd += event.facts.cost_micros_usd ?? 0
    const denied = event.kind === 'action.settled' && event.facts.outcome === 'denied'
    const status = denied ? blockedToolStatus : frameStatuses[event.kind]
    const error = errorOf(event)
    const counted = { step, cost_cents: centsOf(costMicrosUsd), certificate_count: 0, error }
    return {
      execution_id: executionIdOf(taskId),
      status,
      data: { type: event.kind, seq: event.seq, status, ...counted, ...detailOf(event, contents) },
      timestamp: new Date(event.at).toISOString(),
    }
  }
}

function errorOf(event: JournalEvent): string | null {
  if (event.kind === 'model.failed') return event.facts.message
  return event.kind === 'run.failed' || event.kind === 'run.blocked' ? event.facts.error.message : null
}

/** What an event says of itself. */
function detailOf(event: JournalEvent, contents: Contents): Record<string, unknown> {
  const text = (role: string) => textOf(contents, event.contents[role])
  switch (event.kind) {
    case 'task.submitted':
      return { task: detailsOf(event, contents.get(event.contents['details'] ?? '')).title }
    case 'message.added':
      return { task: text('message') }
    case 'run.queued': {
      const { model, capabilities } = event.facts.config
      return { llm_provider: model.provider, llm_model: model.model, permissions: capabilities }
    }
    case 'model.responded': {
      const { usage, finish } = event.facts
      const tokens = { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens }
      return { text: text('text'), reasoning: text('reasoning'), finish, ...tokens }
    }
    case 'model.failed':
      return { error_code: event.facts.code, will_retry: event.facts.will_retry }
    case 'action.requested': {
      const { action, tool } = event.facts
      return { tool_call_id: action, tool, arguments: argumentsOf(contents, event.contents['arguments']) }
    }
    case 'action.decided':
      return { tool_call_id: event.facts.action, ...verdictOf(event.facts) }
    case 'action.settled': {
      const { action, outcome, duration_ms } = event.facts
      return { tool_call_id: action, outcome: outcomeOf(outcome), result: text('result'), duration_ms }
    }
    case 'run.succeeded':
    case 'run.blocked':
      return { output: text('result') }
    case 'run.failed':
      return { error_code: event.facts.error.code }
    default:
      return {}
  }
}
