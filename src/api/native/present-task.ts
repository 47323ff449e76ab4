import { ignoredFieldsOf, type Run } from '../../domain/task.ts'
import { addUsage } from '../../domain/usage.ts'
import type { AccessedTask } from '../../engine/access/read-task.ts'
import { instantOf, instantOrNull } from '../edge/instants.ts'
import type { RunView } from './contract/run.ts'
import type { TaskSummary, TaskView } from './contract/task.ts'
import { ledgerView, usageView } from './present-values.ts'

/**
 * The texts of the latest run of a task. They are null where they cannot be read, and a flag tells where they are
 * sealed.
 */
export type TaskTexts = Pick<TaskView, 'input' | 'input_sealed' | 'result' | 'result_sealed'>

/** Shows a task in a list. `earlier` are the runs before the latest, whose usage and cost count for the task. */
export function taskSummary({ task, run, access }: AccessedTask, earlier: readonly Run[]): TaskSummary {
  const runs = [...earlier, run]
  return {
    id: task.id,
    number: task.number,
    state: task.state,
    title: task.title,
    error: run.error,
    agent_id: task.agentId,
    owner: access === 'full' ? task.ownerId : null,
    visibility: task.visibility,
    priority: run.priority,
    metadata: task.metadata,
    parent_id: task.parentId,
    dialect: task.dialect,
    policy: { ...run.config.policy },
    capabilities: [...run.config.capabilities],
    denied_capabilities: run.config.denied.map((denied) => ({ ...denied })),
    budget: ledgerView(task.ledger),
    hold: access === 'full' ? task.hold : null,
    purge_at: instantOrNull(task.purgeAt),
    purged_at: instantOrNull(task.purgedAt),
    run: runView(run),
    usage: usageView(runs.map(({ usage }) => usage).reduce(addUsage)),
    cost_micros_usd: runs.reduce((sum, { costMicrosUsd }) => sum + costMicrosUsd, 0),
    last_seq: task.lastSeq,
    created_at: instantOf(task.createdAt),
    started_at: instantOrNull(run.startedAt),
    ended_at: instantOrNull(run.endedAt),
    updated_at: instantOf(task.updatedAt),
  }
}

/** Shows a task with its latest run and those before it, as far as its reader may see it. */
export function taskView(snapshot: AccessedTask, earlier: readonly Run[], texts: TaskTexts): TaskView {
  return { ...taskSummary(snapshot, earlier), ...texts }
}

function runView(run: Run): RunView {
  const { model } = run.config
  return {
    id: run.id,
    turn: run.turn,
    state: run.state,
    attempt: run.attempt,
    place: run.place,
    provider: model.provider,
    model: model.model,
    model_name: model.name,
    priority: run.priority,
    steps: run.steps,
    max_steps: run.config.stepsMax,
    timeout_seconds: run.config.timeoutMs / 1_000,
    stop_requested_at: instantOrNull(run.stopRequestedAt),
    ignored_fields: [...ignoredFieldsOf(run)],
    usage: usageView(run.usage),
    cost_micros_usd: run.costMicrosUsd,
    queued_at: instantOf(run.queuedAt),
    not_before: instantOrNull(run.notBefore),
    started_at: instantOrNull(run.startedAt),
    ended_at: instantOrNull(run.endedAt),
  }
}
