import { microsPerCent } from '../../../domain/budget.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import type { ServerDeps } from '../../../engine/server-deps.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import type { TaskRequest, VerificationProfile } from './contract/task-request.ts'
import { extensionOf } from './extension.ts'
import { ModelMismatch } from './model-mismatch.ts'
import { findPolicy } from './policies.ts'

/** The cost of a call of a built-in tool, which the budget of an execution pays. Other tools declare their own cost. */
const toolCostsMicrosUsd: Readonly<Record<string, number>> = {
  read_file: microsPerCent,
  list_files: microsPerCent,
  write_file: microsPerCent,
  fetch_url: 2 * microsPerCent,
}

/**
 * Converts the body of a create request to a request of the engine. It refuses in this order: 422 for the model, then
 * 400 for policy and profile.
 */
export async function readTaskRequest({ limits, store }: ServerDeps, body: TaskRequest): Promise<SubmitTask> {
  const { task, compliance_policy, provider, model, api_key, webhook_url, verification_profile, ask_question } = body
  const budgetCents = body.budget_cents ?? Math.min(limits.budget_cents_default, limits.budget_cents_max)
  withinLimit(limits, 'message_chars_max', 'task', task.length)
  withinLimit(limits, 'budget_cents_max', 'budget_cents', budgetCents)
  if (webhook_url != null) checkWebhookUrl(webhook_url)
  const policy = compliance_policy == null ? undefined : await findPolicy(store, compliance_policy)
  if (verification_profile != null) checkProfile(verification_profile)
  const permissions = body.permissions ?? null
  const extension = extensionOf({
    permissions,
    webhookUrl: webhook_url ?? undefined,
    verificationProfile: verification_profile ?? undefined,
  })
  return {
    input: { text: task },
    agentId: null,
    dialect: 'certior',
    budget: { micros_usd: budgetCents * microsPerCent },
    toolCostsMicrosUsd,
    extension,
    runExtension: extension,
    policy: policy?.document.name,
    capabilities: permissions ?? undefined,
    provider,
    model,
    ofDefaultProvider: model != null,
    modelKey: api_key ?? undefined,
    askQuestion: ask_question ?? undefined,
    webhook: webhook_url == null ? undefined : { url: webhook_url, format: 'certior' },
  }
}

function checkProfile({ stage_role, upstream_execution_ids }: VerificationProfile): void {
  if (stage_role !== 'release' || upstream_execution_ids?.length) return
  throw new Refusal(
    'malformed_request',
    'A stage with the role release builds on others: name at least one in verification_profile.upstream_execution_ids.',
  )
}

function checkWebhookUrl(text: string): void {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/u.test(url.protocol) && url.username === '' && url.password === '') return
  const msg = 'must be an http or https URL without a user name and a password'
  throw new ModelMismatch([{ loc: ['body', 'webhook_url'], msg, type: 'url_parsing' }])
}
