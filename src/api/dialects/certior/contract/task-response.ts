import { type Static, Type } from 'typebox'
import { DeniedSchema } from './error.ts'
import { VerificationProfileSchema } from './task-request.ts'

const PermissionResolutionSchema = Type.Object({
  effective_permissions: Type.Array(Type.String()),
  denied: Type.Array(DeniedSchema),
  warnings: Type.Array(Type.String()),
  policy_name: Type.String(),
  user_role: Type.String(),
  requested_permissions: Type.Array(Type.String()),
  used_defaults: Type.Boolean(),
})
/** The permissions that were requested, granted and denied, and by which policy. */
export type PermissionResolution = Static<typeof PermissionResolutionSchema>

/** The answer to a create request, sent once the task is on disk. */
export const TaskResponseSchema = Type.Object({
  execution_id: Type.String({ description: '`exec_` and 32 hex digits.' }),
  status: Type.Literal('queued'),
  websocket_url: Type.String({ description: 'Where the events of this execution are streamed.' }),
  verification_profile: Type.Optional(VerificationProfileSchema),
  /** This field is present only where some of the requested permissions were denied. */
  permission_resolution: Type.Optional(PermissionResolutionSchema),
})
/** The response of `POST /api/v1/tasks`. */
export type TaskResponse = Static<typeof TaskResponseSchema>

/** The answer to a cancellation. */
export const CancelResponseSchema = Type.Object({
  execution_id: Type.String(),
  status: Type.String({ description: '`cancelled`; an execution that had ended before keeps its own last word.' }),
})
