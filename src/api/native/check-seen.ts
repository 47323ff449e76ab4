import type { TaskSnapshot } from '../../domain/evolve.ts'
import { Refusal } from '../../domain/refusal.ts'

/** Refuses a reader that claims to have seen events that do not exist, because it would miss those to come. */
export function checkSeen({ task }: TaskSnapshot, after: number): void {
  if (after <= task.lastSeq) return
  const fields = [{ field: 'after', message: `must be at most ${task.lastSeq}, the seq of the last event` }]
  throw new Refusal('invalid_input', 'The journal is not as long as that.', { fields })
}
