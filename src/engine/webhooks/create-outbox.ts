import type { NewDelivery } from '../../domain/delivery.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { Randomness } from '../../domain/randomness.ts'
import type { Task } from '../../domain/task.ts'
import { concerns, type Endpoint, wantsEvent } from '../../domain/webhook.ts'
import type { Outbox } from '../../journal/outbox.ts'
import type { Write } from '../../store/commit.ts'
import type { Store } from '../../store/store.ts'
import type { Wakeup } from '../../wakeup/wakeup.ts'

const pageSize = 200

/**
 * The active subscriptions of this server, in memory. Every command that changes one on disk tells it here. A task's own
 * endpoint is marked on the task, so that nothing is looked up for a task without one.
 */
export interface SubscribedOutbox extends Outbox {
  /** Reads the subscriptions. It is awaited before the first event is appended. */
  open(store: Pick<Store, 'listEndpoints'>): Promise<void>
  /** Tells the endpoint as it is, or is about to be, on disk. */
  refresh(endpoint: Endpoint): void
  /** Tells that the endpoint was deleted. */
  forget(endpointId: string): void
  /** Tells that something may be due that was not: a delivery was replayed, an endpoint is active again. */
  wake(): void
  /**
   * Calls back when promised deliveries may be on disk, and on `wake`. It may call once too often, or (after a crash) not at
   * all.
   */
  onPromised(callback: () => void): void
}

const nothing: readonly Write[] = []

/** Creates the outbox, without subscriptions until `open`. */
export function createOutbox(randomness: Pick<Randomness, 'newId'>, wakeup: Wakeup): SubscribedOutbox {
  const subscriptions = createSubscriptions()
  const awaited = new Set<string>()
  let promised: () => void = () => undefined

  /** The journal's own hint comes after the commit, when there is something to deliver. */
  const awaitCommit = (taskId: string) => {
    if (awaited.has(taskId)) return
    awaited.add(taskId)
    const unlisten = wakeup.listen(taskId, () => {
      awaited.delete(taskId)
      unlisten()
      promised()
    })
  }
  const deliveryTo = (endpointId: string, event: number, { kind, at }: NewEvent): NewDelivery => ({
    id: randomness.newId(),
    endpointId,
    event,
    kind,
    at,
  })

  return {
    promise(task, events) {
      const interested = subscriptions.of(task)
      const { webhook } = task
      if (interested.length === 0 && webhook === null) return nothing
      const deliveries: NewDelivery[] = []
      for (const [index, event] of events.entries()) {
        for (const { id, events: patterns } of interested) {
          if (wantsEvent(patterns, event.kind)) deliveries.push(deliveryTo(id, index, event))
        }
        if (webhook !== null && wantsEvent(webhook.events, event.kind)) {
          deliveries.push(deliveryTo(webhook.endpoint, index, event))
        }
      }
      if (deliveries.length === 0) return nothing
      awaitCommit(task.id)
      return [{ kind: 'add_deliveries', task: task.id, deliveries }]
    },
    async open(store) {
      let page: Endpoint[]
      let before: { createdAt: number; id: string } | undefined
      do {
        page = await store.listEndpoints(undefined, { limit: pageSize, ...(before && { before }) })
        for (const endpoint of page) subscriptions.refresh(endpoint)
        before = page.at(-1)
      } while (page.length === pageSize)
    },
    refresh: subscriptions.refresh,
    forget: subscriptions.forget,
    wake: () => promised(),
    onPromised(callback) {
      promised = callback
    },
  }
}

const nobody: readonly Endpoint[] = []

/** Groups subscriptions by the owner or team of their tasks, so that a task finds its own without reading all of them. */
function createSubscriptions() {
  const byId = new Map<string, Endpoint>()
  const byOwner = new Map<string, Endpoint[]>()
  const byTeam = new Map<string, Endpoint[]>()
  const groupOf = ({ teamId, ownerId }: Endpoint): [Map<string, Endpoint[]>, string] =>
    teamId === null ? [byOwner, ownerId] : [byTeam, teamId]
  const forget = (id: string) => {
    const known = byId.get(id)
    if (known === undefined) return
    byId.delete(id)
    const [group, key] = groupOf(known)
    const rest = (group.get(key) ?? []).filter((other) => other.id !== id)
    if (rest.length === 0) group.delete(key)
    else group.set(key, rest)
  }
  return {
    refresh(endpoint: Endpoint) {
      forget(endpoint.id)
      if (endpoint.taskId !== null || endpoint.state !== 'active') return
      byId.set(endpoint.id, endpoint)
      const [group, key] = groupOf(endpoint)
      group.set(key, [...(group.get(key) ?? []), endpoint])
    },
    forget,
    of(task: Task): readonly Endpoint[] {
      if (byId.size === 0) return nobody
      const own = byOwner.get(task.ownerId) ?? nobody
      const team = task.teamId === null ? nobody : (byTeam.get(task.teamId) ?? nobody)
      if (own.length === 0 && team.length === 0) return nobody
      return [...own, ...team].filter((endpoint) => concerns(endpoint, task))
    },
  }
}
