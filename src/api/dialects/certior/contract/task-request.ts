import { type Static, type TSchema, Type } from 'typebox'

const optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const name = () => Type.String({ minLength: 1, maxLength: 200 })

/** The verification profile that a client requests. The core keeps it with the task and does not interpret it. */
export const VerificationProfileSchema = Type.Object({
  task_class: optional(name()),
  stage_role: optional(
    Type.String({
      pattern: '^(intake|reviewer|release|worker)$',
      'x-form': 'one of: intake, reviewer, release, worker',
    }),
  ),
  stage_id: optional(name()),
  upstream_execution_ids: optional(Type.Array(name(), { maxItems: 100 })),
})
/** The profile that a task keeps and that its execution shows again. */
export type VerificationProfile = Static<typeof VerificationProfileSchema>

/**
 * The body that creates an execution. Unknown fields are ignored, as the original does, because its contract is to
 * grow only by additions. The policy is free text here, because an unknown policy is 400 and not 422.
 */
export const TaskRequestSchema = Type.Object({
  task: Type.String({ minLength: 1, description: 'What the agent should do, in plain language.' }),
  compliance_policy: optional(
    Type.String({ description: 'default, hipaa, sox, legal_privilege or its alias legal; or one of the operator’s.' }),
  ),
  budget_cents: Type.Optional(Type.Integer({ minimum: 100, maximum: 1_000_000, default: 10_000 })),
  permissions: optional(
    Type.Array(name(), { maxItems: 200, description: 'Left out: the defaults of the policy. An empty list: none.' }),
  ),
  provider: optional(Type.String({ pattern: '^(anthropic|openai)$', 'x-form': 'one of: anthropic, openai' })),
  model: optional(Type.String({ maxLength: 200 })),
  webhook_url: optional(Type.String({ minLength: 1, maxLength: 2_000, description: 'An http or https URL.' })),
  api_key: optional(
    Type.String({ minLength: 8, maxLength: 1_000, description: 'A key of your own for the model; never stored.' }),
  ),
  verification_profile: optional(VerificationProfileSchema),
  ask_question: optional(
    Type.Boolean({ description: 'Ours: whether the agent may ask people, and wait. Left out: it may not.' }),
  ),
})
/** The body of `POST /api/v1/tasks`, after validation by its form. */
export type TaskRequest = Static<typeof TaskRequestSchema>
