import { readableText } from '../../../domain/content.ts'
import type { TaskSnapshot } from '../../../domain/evolve.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { Run } from '../../../domain/task.ts'
import type { Store } from '../../../store/store.ts'
import { wishesOf } from './certior-wishes.ts'
import type { Execution, ExecutionSummary, ToolCall } from './contract/execution.ts'
import { executionIdOf } from './execution-id.ts'
import { statusOf } from './execution-status.ts'
import { contentsOfToolCalls, foldToolCalls, textOf } from './fold-tool-calls.ts'
import { readEvents } from './read-events.ts'

const microsPerCent = 10_000

/** Rounded up: what was spent is never shown as less. */
export function centsOf(costMicrosUsd: number): number {
  return Math.ceil(costMicrosUsd / microsPerCent)
}

/** Where the events of an execution are streamed: the server's public address, as a WebSocket's. */
export function websocketUrlOf(publicUrl: string, taskId: string): string {
  return `${publicUrl.replace(/^http/u, 'ws')}/ws/executions/${executionIdOf(taskId)}`
}

/** An execution as lists show it: with its title for the task, without tool calls and output. */
export function executionSummary(snapshot: TaskSnapshot, publicUrl: string): ExecutionSummary {
  const { task, run } = snapshot
  const wishes = wishesOf(snapshot)
  const executionId = executionIdOf(task.id)
  return {
    id: executionId,
    execution_id: executionId,
    user_id: task.ownerId,
    task: task.title,
    status: statusOf(run.state),
    current_step: run.steps,
    error: run.error?.message ?? null,
    created_at: instantOf(task.createdAt),
    updated_at: instantOf(task.updatedAt),
    completed_at: run.endedAt === null ? null : instantOf(run.endedAt),
    cost_cents: centsOf(run.costMicrosUsd),
    certificate_count: 0,
    llm_provider: run.config.model.provider,
    llm_model: run.config.model.model,
    compliance_policy: wishes.compliancePolicy,
    budget_cents: wishes.budgetCents,
    proof_properties: [],
    certificate_ids: [],
    permissions: [...run.config.capabilities],
    requested_permissions: wishes.permissions,
    websocket_url: websocketUrlOf(publicUrl, task.id),
    ...(wishes.webhookUrl !== undefined && { webhook_url: wishes.webhookUrl }),
    ...(isTerminal(run.state) && { verification_summary: summaryOf(run) }),
    ...(wishes.verificationProfile !== undefined && { verification_profile: wishes.verificationProfile }),
  }
}

/** The whole of an execution: what was asked, every tool call with its verdict, and the final output. */
export async function readExecution(store: Store, snapshot: TaskSnapshot, publicUrl: string): Promise<Execution> {
  const { task, run } = snapshot
  const texts = await store.readContents(run.result === null ? [run.input] : [run.input, run.result])
  const output = readableText(texts.get(run.result ?? ''))
  return {
    ...executionSummary(snapshot, publicUrl),
    task: textOf(texts, run.input) ?? task.title,
    ...(output !== undefined && { output }),
    tool_calls: await readToolCalls(store, snapshot),
    certificates: [],
  }
}

async function readToolCalls(store: Store, { task }: TaskSnapshot): Promise<ToolCall[]> {
  const calls = new Map<string, ToolCall>()
  for await (const events of readEvents(store, task.id, task.lastSeq)) {
    foldToolCalls(calls, events, await store.readContents(contentsOfToolCalls(events)))
  }
  return [...calls.values()]
}

function summaryOf(run: Run) {
  return {
    steps: run.steps,
    duration_ms: run.activeMs,
    total_input_tokens: run.usage.inputTokens,
    total_output_tokens: run.usage.outputTokens,
  }
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString()
}
