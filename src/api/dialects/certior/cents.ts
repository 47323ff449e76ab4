import { microsPerCent } from '../../../domain/budget.ts'

/** Rounded up: what was spent is never shown as less. */
export function centsOf(microsUsd: number): number {
  return Math.ceil(microsUsd / microsPerCent)
}

/** Rounded down: what may be spent is never shown as more. */
export function wholeCentsOf(microsUsd: number): number {
  return Math.floor(microsUsd / microsPerCent)
}
