import { isAbout, type JournalEvent } from '../../../../domain/event.ts'
import type { PolicyVersion } from '../../../../domain/policy.ts'
import { unreachable } from '../../../../domain/unreachable.ts'
import type { ActionRecord, TaskRecord } from '../../../../proof/package/task-record.ts'
import { instantOf } from '../../../edge/instants.ts'
import type { FlowAnalysis } from '../contract/compliance.ts'
import { executionIdOf } from '../values.ts'

/**
 * Analyses the flows of a task: the sinks that the policy closes to labels, the origins of labels, and the denials
 * that followed from them.
 */
export function analyseFlows(record: TaskRecord, policy: PolicyVersion | undefined): FlowAnalysis {
  const closed = Object.entries(policy?.document.closed_sinks ?? {})
  const tools = new Map(record.actions.map(({ requested: { facts } }) => [facts.action, facts.tool]))
  return {
    rules_enforced: closed.map(([label, sinks]) => ({ label, closed_sinks: [...sinks] })),
    flows_tracked: record.events.flatMap((event) => flowsOf(event, tools)),
    violations_detected: record.actions.flatMap(violationOf),
  }
}

function flowsOf(event: JournalEvent, tools: ReadonlyMap<string, string>): FlowAnalysis['flows_tracked'] {
  const timestamp = instantOf(event.at)
  if (isAbout(event, 'message', 'run', 'attempt', 'step', 'model', 'prompt')) return []
  switch (event.kind) {
    case 'task.submitted': {
      const source = event.facts.parent === null ? 'task' : executionIdOf(event.facts.parent)
      return event.facts.labels.map((label) => ({ label, timestamp, source, tool: null }))
    }
    case 'budget.returned': {
      const source = executionIdOf(event.facts.from)
      return event.facts.labels.map((label) => ({ label, timestamp, source, tool: null }))
    }
    case 'action.settled': {
      const { action, labels = [] } = event.facts
      return labels.map((label) => ({ label, timestamp, source: action, tool: tools.get(action) ?? null }))
    }
    case 'task.purged':
    case 'task.hold_placed':
    case 'task.hold_lifted':
    case 'budget.granted':
    case 'budget.overdrawn':
    case 'budget.transferred':
    case 'budget.released':
    case 'action.requested':
    case 'action.decided':
    case 'action.revoked':
      return []
    default:
      return unreachable(event)
  }
}

function violationOf({ requested, decision }: ActionRecord): FlowAnalysis['violations_detected'] {
  if (decision === undefined) return []
  const { at, facts } = decision.event
  const rules = facts.rules.filter((rule) => rule.startsWith('sink_closed'))
  if (rules.length === 0) return []
  const { action, tool } = requested.facts
  return [{ timestamp: instantOf(at), tool_call_id: action, tool, rules, reason: facts.reason }]
}
