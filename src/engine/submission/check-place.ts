import { Refusal } from '../../domain/refusal.ts'
import { defaultPlace, type Place } from '../../domain/task.ts'

/** The pools of workers that there are: the server's own. */
const pools: ReadonlySet<Place> = new Set([defaultPlace])

/** Refuses a place where nothing would ever take the run: `pool_not_found` for a pool, `machine_not_found` for a machine. */
export function checkPlace(place: Place): void {
  if (pools.has(place)) return
  if (place.startsWith('machine:')) throw new Refusal('machine_not_found', 'There is no such machine.')
  throw new Refusal('pool_not_found', 'There is no such pool of workers.')
}
