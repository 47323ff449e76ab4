import { Refusal } from '../domain/refusal.ts'

const triesMax = 20

/**
 * Runs `change` again while others are faster: it answers undefined when what it had read was changed before its commit.
 * Refuses `task_busy` after 20 tries, so that it always ends.
 */
export async function retryChanged<T>(change: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const result = await change()
    if (result !== undefined) return result
  }
  throw new Refusal('task_busy', 'It kept changing while this was tried. Try again.', { retryAfterMs: 1_000 })
}
