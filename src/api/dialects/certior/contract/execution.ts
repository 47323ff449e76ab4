import { type Static, type TSchema, Type } from 'typebox'
import { executionStatuses } from '../execution-status.ts'
import { VerificationProfileSchema } from './task-request.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const text = () => nullable(Type.String())
const instant = () => Type.String({ format: 'date-time' })
const count = () => Type.Integer({ minimum: 0 })

const ViolationSchema = Type.Object({
  category: Type.String({ description: 'The rule that said no, such as `capability`.' }),
  detail: Type.String(),
  severity: Type.Literal('block'),
})
export type Violation = Static<typeof ViolationSchema>

/** One tool call that the model wanted, with what the guard said and what came of it. */
const ToolCallSchema = Type.Object({
  id: Type.String(),
  step: count(),
  tool: Type.String(),
  arguments: Type.Unknown(),
  verdict: nullable(Type.Enum(['allowed', 'blocked', 'awaiting_approval'])),
  reason: text(),
  violations: Type.Array(ViolationSchema),
  outcome: nullable(Type.Enum(['completed', 'failed', 'blocked', 'unknown'])),
  result: text(),
  duration_ms: nullable(count()),
  certificate_id: Type.Null(),
  requested_at: instant(),
})
export type ToolCall = Static<typeof ToolCallSchema>

const summary = {
  id: Type.String(),
  execution_id: Type.String(),
  user_id: Type.String(),
  task: Type.String({ description: 'What was asked for; a stand-in where the server cannot read it.' }),
  status: Type.Enum([...executionStatuses]),
  current_step: count(),
  error: text(),
  created_at: instant(),
  updated_at: instant(),
  completed_at: nullable(instant()),
  cost_cents: Type.Integer({ minimum: 0, description: 'Whole cents, rounded up.' }),
  certificate_count: count(),
  llm_provider: Type.String(),
  llm_model: Type.String(),
  compliance_policy: Type.String(),
  budget_cents: nullable(count()),
  proof_properties: Type.Array(Type.String()),
  certificate_ids: Type.Array(Type.String()),
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

export const ExecutionSummarySchema = Type.Object(summary)
export type ExecutionSummary = Static<typeof ExecutionSummarySchema>

export const ExecutionSchema = Type.Object({
  ...summary,
  tool_calls: Type.Array(ToolCallSchema),
  certificates: Type.Array(Type.Unknown()),
})
export type Execution = Static<typeof ExecutionSchema>
