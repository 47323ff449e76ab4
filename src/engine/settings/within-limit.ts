import type { LimitName, Limits } from '../../domain/limits.ts'
import { Refusal } from '../../domain/refusal.ts'

/** Refuses `invalid_input`, naming the field and the limit, where a value is above the limit. */
export function withinLimit(limits: Limits, limit: LimitName, field: string, value: number): void {
  const most = limits[limit]
  if (value <= most) return
  const message = `must be at most ${most} (${limit})`
  throw new Refusal('invalid_input', `${field} is above the limit: at most ${most} are allowed.`, {
    fields: [{ field, message }],
    limit,
  })
}
