import { setTimeout } from 'node:timers/promises'

/**
 * The one bounded wait: for a fact that no signal announces. Looks again until the answer is neither false nor undefined;
 * throws, naming what was waited for, when that takes longer than `withinMs`.
 */
export async function until<Answer>(
  what: string,
  look: () => Answer | Promise<Answer>,
  withinMs = 10_000,
): Promise<Exclude<Answer, false | undefined>> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await look()
    if (answer !== false && answer !== undefined) return answer as Exclude<Answer, false | undefined>
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for: ${what}.`)
    await setTimeout(5)
  }
}
