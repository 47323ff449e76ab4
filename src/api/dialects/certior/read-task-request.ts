import type { JsonObject } from '../../../domain/json.ts'
import type { Limits } from '../../../domain/limits.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/within-limit.ts'
import { policyWords, presetNamed } from './compliance-presets.ts'
import { budgetCentsDefault, type TaskRequest, type VerificationProfile } from './contract/task-request.ts'
import { ModelMismatch } from './model-mismatch.ts'

/** The body of a create request as the engine takes it. Refuses in this order: 422 for the model, 400 for policy and profile. */
export function readTaskRequest(limits: Limits, body: TaskRequest): SubmitTask {
  const { task, budget_cents, provider, model, api_key, verification_profile } = body
  withinLimit(limits, 'message_chars_max', 'task', task.length)
  if (body.webhook_url != null) checkWebhookUrl(body.webhook_url)
  const compliance_policy = readPolicy(body.compliance_policy ?? 'default')
  if (verification_profile != null) checkProfile(verification_profile)
  // An empty list asks for nothing in particular, as no list does.
  const permissions = body.permissions?.length ? body.permissions : null
  const extension: JsonObject = {
    compliance_policy,
    budget_cents: budget_cents ?? budgetCentsDefault,
    permissions,
    ...(body.webhook_url != null && { webhook_url: body.webhook_url }),
    // It came as JSON, so it holds nothing else.
    ...(verification_profile != null && { verification_profile: verification_profile as JsonObject }),
  }
  return {
    input: { text: task },
    agentId: null,
    dialect: 'certior',
    extension,
    runExtension: extension,
    ...(permissions !== null && { capabilities: permissions }),
    ...(provider != null && { provider }),
    ...(model != null && { model }),
    ...(api_key != null && { modelKey: api_key }),
    ...(body.webhook_url != null && { webhook: { url: body.webhook_url, format: 'certior' } }),
  }
}

function readPolicy(word: string): string {
  const preset = presetNamed(word)
  if (preset !== undefined) return preset.key
  const shown = JSON.stringify(word.slice(0, 80))
  throw new Refusal(
    'malformed_request',
    `There is no compliance policy ${shown}. Give one of: ${policyWords.join(', ')}.`,
  )
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
