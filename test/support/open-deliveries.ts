import { createWebhook } from '../../src/engine/commands/create-webhook.ts'
import type { EngineWorld } from './create-engine-world.ts'

/** Subscribes to events of these kinds and submits a task. Answers with the first delivery, which nobody has tried. */
export async function openDeliveries({ deps, owner, store, submit }: EngineWorld, events: string[]) {
  const { endpoint } = await createWebhook(deps, owner, { url: 'https://hooks.example.com/in', events, agentId: null })
  const { task } = await submit()
  const [delivery] = await store.listDeliveries(endpoint.id, 'pending', { limit: 1 })
  if (delivery === undefined) throw new Error('The task made no delivery.')
  return { endpoint, delivery, task }
}
