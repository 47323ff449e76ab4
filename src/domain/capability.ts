/**
 * A capability is a string of colon-separated words (`network:http:read`). No word has a meaning of its own; only equality,
 * `*`, and a grant that ends in `*` (a prefix) count.
 */
export type Capability = string

const shape = /^(?:\*|[a-z0-9_.-]+(?::[a-z0-9_.-]+)*(?::\*)?)$/u

export function isCapability(value: string): boolean {
  return value.length <= 200 && shape.test(value)
}

/** Whether one grant covers one capability. Asking for more than was granted (`a:*` of a grant `a:b`) is not covered. */
export function covers(grant: Capability, wanted: Capability): boolean {
  if (grant === '*' || grant === wanted) return true
  return grant.endsWith('*') && wanted.startsWith(grant.slice(0, -1))
}

export function coveredByAny(grants: readonly Capability[], wanted: Capability): boolean {
  return grants.some((grant) => covers(grant, wanted))
}

export const denialReasons = [
  'forbidden_by_policy',
  'wildcard_denied_under_compliance',
  'exceeds_policy_ceiling',
  'exceeds_role_allowance',
  'exceeds_agent_grants',
  'exceeds_parent_grants',
] as const
export type DenialReason = (typeof denialReasons)[number]

/** A capability that was asked for and not given, and the first reason of the order above that applies. */
export interface DeniedCapability {
  readonly permission: string
  readonly reason: DenialReason
  readonly detail: string
}
