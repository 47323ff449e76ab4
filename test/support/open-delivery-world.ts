import type { Delivery } from '../../src/domain/delivery.ts'
import { createWebhook } from '../../src/engine/commands/create-webhook.ts'
import { createWebhookDeliverer } from '../../src/engine/services/webhook-deliverer.ts'
import type { CollectingReceiver } from './collecting-receiver.ts'
import { createEngineWorld, type EngineWorldOptions } from './create-engine-world.ts'
import { started } from './started.ts'

/**
 * A world whose webhooks go to this receiver; what `start` starts is stopped by `cleanups`, which are to be carried out in
 * reverse order.
 */
export async function openDeliveryWorld(
  cleanups: (() => Promise<void>)[],
  receiver: CollectingReceiver,
  options: EngineWorldOptions = {},
) {
  const world = await createEngineWorld({ send: receiver.send, ...options })
  cleanups.push(options.beside === undefined ? world.close : world.stop)
  const tried: (Delivery | undefined)[] = []
  let stop: ((graceMs: number) => Promise<void>) | undefined
  const delivering = {
    ...world,
    tried,
    start(deps = world.deps) {
      stop = started(createWebhookDeliverer(deps, { tried: (delivery) => tried.push(delivery) }))
    },
    async stopDelivering() {
      const stopped = stop?.(0)
      world.clock.advance(0)
      await stopped
      stop = undefined
    },
    subscribe: (events: string[] = ['*'], url = 'https://hooks.example.com/in') =>
      createWebhook(world.deps, world.owner, { url, events, agentId: null }),
    /** Runs a task to its end. */
    async finish(over = {}) {
      const { task, run } = await world.submit(over)
      await world.attemptEnded(run.id)
      return task.id
    },
    /** Moves time on in steps, letting what becomes due be tried, until this holds. */
    async advanceUntil(condition: () => boolean, stepMs: number) {
      for (let steps = 0; !condition(); steps += 1) {
        if (steps > 10_000) throw new Error('What was waited for did not come in any time.')
        world.clock.advance(stepMs)
        for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
  cleanups.push(delivering.stopDelivering)
  return delivering
}
