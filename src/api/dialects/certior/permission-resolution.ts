import { coveredByAny } from '../../../domain/capability.ts'
import type { Role } from '../../../domain/principal.ts'
import type { RunConfig } from '../../../domain/task.ts'
import type { Denied } from './contract/error.ts'
import type { PermissionResolution } from './contract/task-response.ts'

/** A permission that the agent which runs the task was not granted. */
export function deniedByAgent(permission: string): Denied {
  return { permission, reason: 'exceeds_agent_grants', detail: 'The agent that runs the task was not granted it' }
}

/** What became of the permissions that were asked for; undefined where none was, and where all of them were given. */
export function resolvePermissions(
  requested: readonly string[] | undefined,
  { capabilities }: RunConfig,
  policy: string,
  role: Role,
): PermissionResolution | undefined {
  const denied = (requested ?? []).filter((wanted) => !coveredByAny(capabilities, wanted))
  if (requested === undefined || denied.length === 0) return undefined
  return {
    effective_permissions: [...capabilities],
    denied: denied.map(deniedByAgent),
    warnings: [],
    policy_name: policy,
    user_role: role,
    requested_permissions: [...requested],
    used_defaults: false,
  }
}
