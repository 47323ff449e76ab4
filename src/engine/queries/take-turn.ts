/** Those who wait for their turn, the one that came first in front. */
const waiting: (() => void)[] = []

/**
 * Gives the event loop away, and comes back in a later turn of it. All who read long lists here share their turns: one of them
 * goes on in each, so that the loop is held for one piece of work however many of them there are.
 */
export function takeTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(letOneGoOn)
  })
}

function letOneGoOn(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(letOneGoOn)
}
