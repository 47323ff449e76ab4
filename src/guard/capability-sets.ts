import { type Capability, coveredByAny, covers } from '../domain/capability.ts'

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
