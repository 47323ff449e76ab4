import type { TaskSnapshot } from '../../domain/evolve.ts'
import { Refusal } from '../../domain/refusal.ts'

/** Nobody can have seen what is not there: such a reader would miss what comes. */
export function checkSeen({ task }: TaskSnapshot, after: number): void {
  if (after <= task.lastSeq) return
  const fields = [{ field: 'after', message: `must be at most ${task.lastSeq}, the seq of the last event` }]
  throw new Refusal('invalid_input', 'The journal is not as long as that.', { fields })
}
