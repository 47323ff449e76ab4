/**
 * A capability: words separated by colons (`network:http:read`). No word has a meaning of its own; only equality, `*`,
 * and a grant that ends in `*` (a prefix) count.
 */
export type Capability = string

const shape = /^(?:\*|[a-z0-9_.-]+(?::[a-z0-9_.-]+)*(?::\*)?)$/u

/** Whether a text has the form of a capability. */
export function isCapability(value: string): boolean {
  return value.length <= 200 && shape.test(value)
}

/**
 * Whether one grant covers one capability. A wider request than the grant (`a:*` under a grant `a:b`) is not covered.
 */
export function covers(grant: Capability, wanted: Capability): boolean {
  return grant === wanted || (grant.endsWith('*') && wanted.startsWith(grant.slice(0, -1)))
}

/** Whether any of these grants covers the capability. */
export function coveredByAny(grants: readonly Capability[], wanted: Capability): boolean {
  return grants.some((grant) => covers(grant, wanted))
}

/** The reasons for which a capability is denied, in the order in which they are checked. */
export const denialReasons = [
  'forbidden_by_policy',
  'wildcard_denied_under_compliance',
  'exceeds_policy_ceiling',
  'exceeds_role_allowance',
  'exceeds_agent_grants',
  'exceeds_parent_grants',
] as const
/** A reason for which a capability is denied. */
export type DenialReason = (typeof denialReasons)[number]

/** A requested capability that was denied, with the first reason that applies. */
export interface DeniedCapability {
  readonly permission: string
  readonly reason: DenialReason
  readonly detail: string
}

/**
 * The grants that both sets cover. It is exact: of two patterns that overlap, one covers the other, because a pattern
 * is one capability or everything that begins alike. The order is that of the first set, without repetitions.
 */
export function intersectGrants(left: readonly Capability[], right: readonly Capability[]): Capability[] {
  const both = left.flatMap((a) => right.flatMap((b) => (covers(a, b) ? [b] : covers(b, a) ? [a] : [])))
  return [...new Set(both)]
}

/**
 * The grants that are not completely forbidden. The forbidden part of a wider grant is excluded when an action is
 * decided.
 */
export function withoutForbidden(grants: readonly Capability[], forbidden: readonly Capability[]): Capability[] {
  return grants.filter((grant) => !coveredByAny(forbidden, grant))
}

/** Whether the wanted capability is forbidden, or for a pattern a part of it. */
export function touchesForbidden(forbidden: readonly Capability[], wanted: Capability): boolean {
  return forbidden.some((entry) => covers(entry, wanted) || covers(wanted, entry))
}
