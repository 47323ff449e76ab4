import { type Capability, coveredByAny, covers } from '../domain/capability.ts'

/**
 * What two sets of grants both cover. Exact: of two patterns that overlap, one covers the other, because a pattern is one
 * capability or everything that begins alike. Keeps the order of the first set; nothing stands twice.
 */
export function intersectGrants(left: readonly Capability[], right: readonly Capability[]): Capability[] {
  const both = left.flatMap((a) => right.flatMap((b) => (covers(a, b) ? [b] : covers(b, a) ? [a] : [])))
  return [...new Set(both)]
}

/** The grants that are not wholly forbidden. Of a wider one, what is forbidden is taken out when an action is decided. */
export function withoutForbidden(grants: readonly Capability[], forbidden: readonly Capability[]): Capability[] {
  return grants.filter((grant) => !coveredByAny(forbidden, grant))
}

/** Whether some of what is wanted is forbidden: all of it, or for a pattern a part of it. */
export function touchesForbidden(forbidden: readonly Capability[], wanted: Capability): boolean {
  return forbidden.some((entry) => covers(entry, wanted) || covers(wanted, entry))
}
