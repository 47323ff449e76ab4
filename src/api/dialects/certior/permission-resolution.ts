import type { RunConfig } from '../../../domain/task.ts'
import type { PermissionResolution } from './contract/task-response.ts'

/** What became of the permissions that were asked for; undefined where none was, and where all of them were given. */
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
    used_defaults: false, // some of what was asked for was given, so that nothing else came in its place
  }
}
