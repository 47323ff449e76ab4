import { dayMs } from '../../domain/durations.ts'
import { may, type Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { UsageGroup, UsageSum } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The days, the grouping and the owner of a usage report. */
export interface UsageRequest {
  /** The first and last day, `YYYY-MM-DD` (UTC), both included; undefined for the last 30 days, up to today. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly by: readonly UsageGroup[]
  /** Only the usage of this user's tasks; undefined for everybody's, as far as the caller may see it. */
  readonly ownerId: string | undefined
}

/** The usage of ended runs between two days, one sum per group. */
export interface UsageReport {
  readonly from: string
  readonly to: string
  readonly sums: readonly UsageSum[]
}

const defaultDays = 30
/** A year can be asked for, a leap year too. */
const daysMax = 366

/**
 * Sums the usage of ended runs: the caller's own; everybody's, or one user's, for roles that read everything. A key that is
 * bound to an agent sees that agent's part. Refuses `invalid_input` for days that are malformed or too many, `role_forbidden`
 * for somebody else's usage.
 */
export async function sumUsage(
  deps: Pick<EngineDeps, 'clock' | 'store'>,
  principal: Principal,
  request: UsageRequest,
): Promise<UsageReport> {
  const { from, to } = readDays(request, deps.clock.now())
  const ownerId = readOwner(principal, request.ownerId)
  const filter = { from, to, ownerId }
  const { agentId } = principal
  if (agentId === null) return { from, to, sums: await deps.store.sumUsage({ ...filter, by: request.by }) }
  const by: UsageGroup[] = [...request.by.filter((group) => group !== 'agent'), 'agent']
  const own = (await deps.store.sumUsage({ ...filter, by })).filter((sum) => sum.agentId === agentId)
  return { from, to, sums: request.by.includes('agent') ? own : own.map((sum) => ({ ...sum, agentId: null })) }
}

function readOwner(principal: Principal, requested: string | undefined): string | undefined {
  if (may(principal, 'readAll')) return requested
  if (requested === undefined || requested === principal.userId) return principal.userId
  throw new Refusal('role_forbidden', 'Only the roles admin and auditor see what somebody else has used.')
}

function readDays(request: UsageRequest, now: number): { from: string; to: string } {
  const to = readDay('to', request.to) ?? Math.floor(now / dayMs)
  const from = readDay('from', request.from) ?? to - defaultDays + 1
  if (from > to) throw schemaError('from', 'must not be after `to`')
  if (to - from >= daysMax) throw schemaError('from', `must be at most ${daysMax} days before the end of \`to\``)
  return { from: showDay(from), to: showDay(to) }
}

/** Reads a day as the number of days since 1970. */
function readDay(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const day = /^\d{4}-\d{2}-\d{2}$/u.test(text) ? Date.parse(`${text}T00:00:00Z`) / dayMs : Number.NaN
  // The parser takes the 31st of any month, which is shown back as another day.
  if (Number.isNaN(day) || showDay(day) !== text) throw schemaError(field, 'must be a day, as 2026-01-31')
  return day
}

function showDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}

function schemaError(field: string, message: string): Refusal {
  return new Refusal('invalid_input', `${field} ${message}.`, { fields: [{ field, message }] })
}
