import { type Static, type TSchema, Type } from 'typebox'
import { promptKinds } from '../../../../domain/prompt.ts'
import { QuestionsSchema } from '../../../edge/question-schema.ts'
import { executionStatuses } from '../states.ts'
import { epochSeconds } from '../values.ts'
import { VerificationProfileSchema } from './task-request.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const text = () => nullable(Type.String())
const instant = () => Type.String({ format: 'date-time' })
const count = () => Type.Integer({ minimum: 0 })

/** A rule of the policy that a tool call or its result violated. */
export const ViolationSchema = Type.Object({
  category: Type.Enum(['capability', 'policy', 'flow', 'content', 'approval', 'budget', 'revoked']),
  detail: Type.String(),
  severity: Type.Enum(['block', 'warn'], {
    description: '`warn`: the call was made, with stand-ins for what was found.',
  }),
  rule: Type.String({ description: 'The rule behind it, as the certificate or the refusal record names it.' }),
})
/** One violation of a tool call. */
export type Violation = Static<typeof ViolationSchema>

/** One tool call that the model requested, with the decision of the guard and its outcome. */
const ToolCallSchema = Type.Object({
  id: Type.String(),
  step: count(),
  tool: Type.String(),
  arguments: Type.Unknown({ description: 'As the tool was given them: with stand-ins for what the policy redacts.' }),
  verdict: nullable(Type.Enum(['allowed', 'blocked', 'awaiting_approval'])),
  reason: text(),
  violations: Type.Array(ViolationSchema),
  outcome: nullable(Type.Enum(['completed', 'failed', 'blocked', 'unknown'])),
  result: text(),
  duration_ms: nullable(count()),
  cost_cents: count(),
  certificate_id: text(),
  requested_at: epochSeconds(),
})
/** One tool call of an execution. Costs are whole cents. */
export type ToolCall = Static<typeof ToolCallSchema>

/** A certificate proves that a call was authorised before it was made. */
export const CertificateSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  tool_call_id: Type.String(),
  theorem: Type.String({ description: '`action_admissible:<tool>`' }),
  plan_hash: Type.String({
    description: 'The digest of the signed statement, which binds the exact action: /v1/statements/{plan_hash} has it.',
  }),
  verified_properties: Type.Array(Type.String()),
  proof_trace: Type.Array(Type.String(), { description: 'The rules that let it pass, in their order.' }),
  prover: Type.String(),
  issued_at: instant(),
  expires_at: instant(),
  signature: Type.String({ description: 'Ed25519 over the DSSE envelope of the statement, base64.' }),
  key_id: Type.String(),
  revoked: Type.Boolean({ description: 'It was taken back before the call began.' }),
})
/** One certificate of an execution. The signed statement behind it is the proof; this is a view of it. */
export type VerifiedCertificate = Static<typeof CertificateSchema>

/** A prompt that an execution waits for. */
const PendingPromptSchema = Type.Object({
  prompt_id: Type.String({ format: 'uuid' }),
  prompt_kind: Type.Enum([...promptKinds]),
  tool_call_id: text(),
  tool: text(),
  questions: QuestionsSchema,
  opened_at: epochSeconds(),
  expires_at: nullable(epochSeconds()),
  prompt_url: Type.String({
    description: 'The native API reads it here, and answers it below: `/answer`, `/approve`, …',
  }),
})
/** One open prompt of an execution. It is answered through the native API only. */
export type PendingPrompt = Static<typeof PendingPromptSchema>

const summary = {
  id: Type.String(),
  execution_id: Type.String(),
  user_id: Type.Union([Type.String(), Type.Null()], { description: 'Null for others to whom it is shown.' }),
  task: Type.String({ description: 'What was asked for; a stand-in where the server cannot read it.' }),
  status: Type.Enum([...executionStatuses]),
  current_step: count(),
  error: text(),
  created_at: epochSeconds(),
  updated_at: epochSeconds(),
  completed_at: nullable(epochSeconds()),
  cost_cents: Type.Integer({ minimum: 0, description: 'Whole cents, rounded up.' }),
  certificate_count: count(),
  llm_provider: Type.String(),
  llm_model: Type.String(),
  compliance_policy: Type.String({ description: 'The policy that the run is under.' }),
  budget_cents: Type.Integer({ minimum: 0, description: 'Whole cents, rounded down.' }),
  permissions: Type.Array(Type.String(), { description: 'What the run may do.' }),
  requested_permissions: nullable(Type.Array(Type.String())),
  websocket_url: Type.String(),
  webhook_url: Type.Optional(Type.String()),
  output: Type.Optional(Type.String()),
  verification_summary: Type.Optional(
    Type.Object({
      steps: count(),
      duration_ms: count(),
      total_input_tokens: count(),
      total_output_tokens: count(),
    }),
  ),
  verification_profile: Type.Optional(VerificationProfileSchema),
}

/** An execution in a list, without its tool calls, certificates and output. */
export const ExecutionSummarySchema = Type.Object(summary)
/** One row of `GET /api/v1/executions`. */
export type ExecutionSummary = Static<typeof ExecutionSummarySchema>

/** A whole execution. The tool calls stand in the order in which the model requested them. */
export const ExecutionSchema = Type.Object({
  ...summary,
  proof_properties: Type.Array(Type.String(), { description: 'What was verified, by all certificates together.' }),
  certificate_ids: Type.Array(Type.String()),
  tool_calls: Type.Array(ToolCallSchema),
  certificates: Type.Array(CertificateSchema),
  pending_prompts: Type.Array(PendingPromptSchema, { description: 'What people are asked, the oldest first.' }),
})
/** The response of `GET /api/v1/executions/{id}`. */
export type Execution = Static<typeof ExecutionSchema>

/** The path parameter of the routes of one execution. */
export const ExecutionParams = Type.Object({ id: Type.String() })

/** The key may stand in the address. Query parameters that are not known are ignored. */
export const keyInQuery = {
  api_key: Type.Optional(Type.String({ description: 'The key, where no header can be set.' })),
}
/** The query of a route whose key may stand in the address. */
export const KeyQuerySchema = Type.Object(keyInQuery)
