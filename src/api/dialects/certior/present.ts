import { readableText } from '../../../domain/content.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { Run, RunConfig } from '../../../domain/task.ts'
import type { AccessedTask } from '../../../engine/access/read-task.ts'
import type { Store } from '../../../store/store.ts'
import type { Execution, ExecutionSummary, PendingPrompt } from './contract/execution.ts'
import type { PermissionResolution } from './contract/task-response.ts'
import { readEvents } from './events.ts'
import { optionsOf } from './extension.ts'
import { propertiesOfAll, readCertificates } from './present-certificate.ts'
import { statusOf } from './states.ts'
import { createToolCallFold, textOf } from './tool-calls.ts'
import { centsOf, epochSecondsOf, executionIdOf, wholeCentsOf } from './values.ts'

/**
 * Reads an execution as lists show it: with its title in place of the task, without tool calls, certificates and
 * output. `websocketUrl` is the address at which this reader can watch it.
 */
export async function readSummary(
  store: Store,
  snapshot: AccessedTask,
  websocketUrl: string,
): Promise<ExecutionSummary> {
  return executionSummary(snapshot, websocketUrl, await countCertificates(store, snapshot))
}

/** Shows an execution as lists show it. The caller counts its tool calls and certificates. */
export function executionSummary(
  snapshot: AccessedTask,
  websocketUrl: string,
  certificateCount: number,
): ExecutionSummary {
  const { task, run, access } = snapshot
  const options = optionsOf(snapshot)
  const executionId = executionIdOf(task.id)
  return {
    id: executionId,
    execution_id: executionId,
    user_id: access === 'full' ? task.ownerId : null,
    task: task.title,
    status: statusOf(run.state),
    current_step: run.steps,
    error: run.error?.message ?? null,
    created_at: epochSecondsOf(task.createdAt),
    updated_at: epochSecondsOf(task.updatedAt),
    completed_at: run.endedAt === null ? null : epochSecondsOf(run.endedAt),
    cost_cents: centsOf(task.ledger.spent.micros_usd),
    certificate_count: certificateCount,
    llm_provider: run.config.model.provider,
    llm_model: run.config.model.model,
    compliance_policy: run.config.policy.name,
    budget_cents: wholeCentsOf(task.ledger.cap.micros_usd),
    permissions: [...run.config.capabilities],
    requested_permissions: options.permissions && [...options.permissions],
    websocket_url: websocketUrl,
    ...(options.webhookUrl !== undefined && access === 'full' && { webhook_url: options.webhookUrl }),
    ...(isTerminal(run.state) && { verification_summary: summaryOf(run) }),
    ...(options.verificationProfile !== undefined && { verification_profile: options.verificationProfile }),
  }
}

/**
 * Reads a whole execution: its task, every tool call with its verdict, every certificate, and the final output. The caller
 * reads what it asks people.
 */
export async function readExecution(
  store: Store,
  snapshot: AccessedTask,
  websocketUrl: string,
  pendingPrompts: PendingPrompt[] = [],
): Promise<Execution> {
  const { task, run } = snapshot
  const texts = await store.readContents(run.result === null ? [run.input] : [run.input, run.result])
  const output = readableText(texts.get(run.result ?? ''))
  const fold = createToolCallFold(store)
  for await (const events of readEvents(store, task.id, task.lastSeq)) await fold.take(events)
  const certificates = await readCertificates(store, task.id, fold.calls)
  return {
    ...executionSummary(snapshot, websocketUrl, certificates.length),
    task: textOf(texts, run.input) ?? task.title,
    ...(output !== undefined && { output }),
    proof_properties: propertiesOfAll(certificates),
    certificate_ids: certificates.map(({ id }) => id),
    tool_calls: [...fold.calls.values()],
    certificates,
    pending_prompts: pendingPrompts,
  }
}

/** Counts the certificates without opening one of them. */
async function countCertificates(store: Store, { task, run }: AccessedTask): Promise<number> {
  const runs = run.turn === 1 ? [run] : await store.listRuns(task.id)
  const counts = await Promise.all(runs.map(({ id }) => store.countStatements(id)))
  return counts.reduce((sum, { certificate = 0 }) => sum + certificate, 0)
}

function summaryOf(run: Run) {
  return {
    steps: run.steps,
    duration_ms: run.activeMs,
    total_input_tokens: run.usage.inputTokens,
    total_output_tokens: run.usage.outputTokens,
  }
}

/**
 * Tells which of the requested permissions were granted. It is undefined where none was requested, and where all were
 * granted.
 */
export function permissionResolution(
  requested: readonly string[] | null,
  { capabilities, denied, policy, principal }: RunConfig,
): PermissionResolution | undefined {
  if (requested === null || denied.length === 0) return undefined
  return {
    effective_permissions: [...capabilities],
    denied: denied.map((one) => ({ ...one })),
    warnings: [],
    policy_name: policy.name,
    user_role: principal.role,
    requested_permissions: [...requested],
    used_defaults: false, // defaults are used only where none of the requested permissions was granted
  }
}
