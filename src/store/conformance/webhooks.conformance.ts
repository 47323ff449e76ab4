import { describe, expect, test } from 'vitest'
import {
  claimed,
  continuation,
  type SampleTask,
  sampleAt,
  sampleId,
  sampleTask,
  submission,
} from '../../../test/support/sample-tasks.ts'
import { sampleDelivery, sampleEndpoint } from '../../../test/support/sample-webhooks.ts'
import { afterTry, type Delivery, replay } from '../../domain/delivery.ts'
import type { EncryptedSecret, Endpoint } from '../../domain/webhook.ts'
import { deliveryAt, endpointAt, type Write } from '../commit.ts'
import type { Store } from '../store.ts'
import type { WithStore } from './with-store.conformance.ts'

const target = 'https://hooks.example.com'
const later = sampleAt + 1_000_000
const ok = { at: later, endedAt: later + 5, status: 200, error: null }
const broken = { at: later, endedAt: later + 5, status: 500, error: null }

/** A submitted task whose three events are all promised to this endpoint, which is inserted in the same commit if new. */
async function promised(store: Store, endpoint: Endpoint, insert = true): Promise<SampleTask & { ids: string[] }> {
  const sample = sampleTask()
  const deliveries = sample.events.map(({ kind }, index) => sampleDelivery(endpoint, index, kind))
  const { write, ...rest } = submission(sample)
  const first: Write[] = insert ? [{ kind: 'insert_endpoint', endpoint }] : []
  await store.commit({
    ...rest,
    write: [...write, ...first, { kind: 'add_deliveries', task: sample.task.id, deliveries }],
  })
  return { ...sample, ids: deliveries.map(({ id }) => id) }
}

async function read(store: Store, id: string): Promise<Delivery> {
  const delivery = await store.readDelivery(id)
  if (delivery === undefined) throw new Error(`no delivery ${id}`)
  return delivery
}

async function dueIds(store: Store, now = later + 1_000): Promise<string[]> {
  return (await store.listDueDeliveries(target, now, 100)).map(({ id }) => id)
}

const save = (store: Store, delivery: Delivery) => store.commit({ write: [{ kind: 'save_delivery', delivery }] })

const endpointsTests = (withStore: WithStore) => {
  test(
    'an endpoint comes back as it was put in, and as it was changed',
    withStore(async (store) => {
      const endpoint = sampleEndpoint({ teamId: 'team-1', agentId: 'agent-1', events: ['run.*', 'task.submitted'] })
      await store.commit({ write: [{ kind: 'insert_endpoint', endpoint }] })
      expect(await store.readEndpoint(endpoint.id)).toEqual(endpoint)
      expect(await store.readTeamEndpoint('team-1')).toEqual(endpoint)
      const changed: Endpoint = { ...endpoint, state: 'disabled', disabledBecause: 'gone', updatedAt: later }
      const commit = {
        require: [endpointAt(endpoint.id, endpoint.updatedAt)],
        write: [{ kind: 'save_endpoint' as const, endpoint: changed }],
      }
      expect((await store.commit(commit)).committed).toBe(true)
      expect(await store.readEndpoint(endpoint.id)).toEqual(changed)
      expect((await store.commit(commit)).committed).toBe(false)
    }),
  )

  test(
    'endpoints are listed newest first, by owner or all, without those of tasks',
    withStore(async (store) => {
      const endpoints = [1, 2, 3].map((at) => sampleEndpoint({ createdAt: sampleAt + at }))
      const other = sampleEndpoint({ ownerId: 'owner-2', createdAt: sampleAt })
      const ofTask = sampleEndpoint({ taskId: sampleId() })
      for (const endpoint of [...endpoints, other, ofTask]) {
        await store.commit({ write: [{ kind: 'insert_endpoint', endpoint }] })
      }
      expect(await store.listEndpoints('owner-1', { limit: 10 })).toEqual(endpoints.toReversed())
      const [newest, second, third] = endpoints.toReversed()
      expect(await store.listEndpoints('owner-1', { limit: 1, before: newest ?? { number: 0 } })).toEqual([second])
      expect(await store.listEndpoints(undefined, { limit: 2, before: second ?? { number: 0 } })).toEqual([
        third,
        other,
      ])
      expect(await store.listTaskEndpoints(ofTask.taskId ?? '')).toEqual([ofTask])
    }),
  )

  test(
    'a secret is kept once, replaced when saved, and gone with its endpoint',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const secret: EncryptedSecret = {
        holder: `endpoint:${endpoint.id}`,
        encrypted: new Uint8Array([1, 2, 3]),
        previous: null,
        updatedAt: 1,
      }
      await store.commit({
        write: [
          { kind: 'insert_endpoint', endpoint },
          { kind: 'add_webhook_secret', secret },
        ],
      })
      await store.commit({ write: [{ kind: 'add_webhook_secret', secret: { ...secret, updatedAt: 2 } }] })
      expect(await store.readWebhookSecret(secret.holder)).toEqual(secret)
      const previous = { encrypted: secret.encrypted, until: 99 }
      const rotated: EncryptedSecret = { ...secret, encrypted: new Uint8Array([4]), previous, updatedAt: 3 }
      await store.commit({ write: [{ kind: 'save_webhook_secret', secret: rotated }] })
      expect(await store.readWebhookSecret(secret.holder)).toEqual(rotated)
      await store.commit({ write: [{ kind: 'delete_endpoint', endpoint: endpoint.id }] })
      expect(await store.readWebhookSecret(secret.holder)).toBeUndefined()
    }),
  )
}

const promisingTests = (withStore: WithStore) => {
  test(
    'a delivery is promised in the commit of its event, under the seq that the event was given',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const { ids, task } = await promised(store, endpoint)
      const deliveries = await Promise.all(ids.map((id) => read(store, id)))
      expect(deliveries.map(({ seq, kind }) => [seq, kind])).toEqual([
        [1, 'task.submitted'],
        [2, 'message.added'],
        [3, 'run.queued'],
      ])
      expect(deliveries[0]).toMatchObject({ taskId: task.id, endpointId: endpoint.id, state: 'pending', tries: [] })
      expect(deliveries.map(({ nextAt }) => nextAt)).toEqual([sampleAt, null, null])
    }),
  )

  test(
    'a commit that is refused promises nothing',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const sample = await promised(store, endpoint)
      const delivery = sampleDelivery(endpoint, 0, 'run.claimed')
      const { commit } = continuation(sample, [claimed(sample.run.id, 1)])
      const deliveries: Write = { kind: 'add_deliveries', task: sample.task.id, deliveries: [delivery] }
      const require = [{ name: 'absentTask' as const, task: sample.task.id }]
      expect((await store.commit({ require, write: [...commit.write, deliveries] })).committed).toBe(false)
      expect(await store.readDelivery(delivery.id)).toBeUndefined()
    }),
  )

  test(
    'nothing is promised to an endpoint that is disabled or gone',
    withStore(async (store) => {
      const disabled = sampleEndpoint({ state: 'disabled', disabledBecause: 'by_hand' })
      const { ids } = await promised(store, disabled)
      const { ids: absent } = await promised(store, sampleEndpoint(), false)
      for (const id of [...ids, ...absent]) expect(await store.readDelivery(id)).toBeUndefined()
      expect(await store.listReceivers()).toEqual([])
    }),
  )
}

const orderTests = (withStore: WithStore) => {
  test(
    'only the oldest pending delivery of an endpoint and task is due, and the next when it is settled',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const { ids } = await promised(store, endpoint)
      expect(await dueIds(store)).toEqual([ids[0]])
      await save(store, afterTry(await read(store, ids[0] ?? ''), ok, 0))
      expect(await dueIds(store)).toEqual([ids[1]])
      expect(await store.listReceivers()).toEqual([{ target, nextAt: ok.endedAt }])
    }),
  )

  test(
    'a failing delivery holds back its own pair only',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const first = await promised(store, endpoint)
      const second = await promised(store, endpoint, false)
      const failing = afterTry(await read(store, first.ids[0] ?? ''), broken, 0)
      await save(store, failing)
      expect(await dueIds(store)).toEqual([second.ids[0]])
      expect(await dueIds(store, failing.nextAt ?? 0)).toEqual([second.ids[0], first.ids[0]])
    }),
  )

  test(
    'one that was given up lets the next go; replayed, it waits for what is being tried',
    withStore(async (store) => {
      const { ids } = await promised(store, sampleEndpoint())
      const given = afterTry(await read(store, ids[0] ?? ''), { ...broken, hopeless: true }, 0)
      await save(store, given)
      expect(await dueIds(store)).toEqual([ids[1]])
      const replayed = replay(given, later + 10)
      const commit = { require: [deliveryAt(given)], write: [{ kind: 'save_delivery' as const, delivery: replayed }] }
      expect((await store.commit(commit)).committed).toBe(true)
      expect((await store.commit(commit)).committed).toBe(false)
      expect(await dueIds(store)).toEqual([ids[1]])
      await save(store, afterTry(await read(store, ids[1] ?? ''), ok, 0))
      expect(await dueIds(store)).toEqual([ids[0]])
      await save(store, afterTry(await read(store, ids[0] ?? ''), ok, 0))
      expect(await dueIds(store)).toEqual([ids[2]])
      await save(store, afterTry(await read(store, ids[2] ?? ''), ok, 0))
      expect(await store.listReceivers()).toEqual([])
    }),
  )

  test(
    'a disabled endpoint keeps what is pending and sends it when it is active again',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const first = await promised(store, endpoint)
      const second = await promised(store, endpoint, false)
      const inFlight = await read(store, first.ids[0] ?? '')
      const disabled: Endpoint = { ...endpoint, state: 'disabled', disabledBecause: 'by_hand', updatedAt: later }
      await store.commit({ write: [{ kind: 'save_endpoint', endpoint: disabled }] })
      expect(await store.listReceivers()).toEqual([])
      await save(store, afterTry(inFlight, ok, 0))
      expect(await store.listReceivers()).toEqual([])
      const url = 'https://other.example.com/in'
      const active: Endpoint = { ...endpoint, url, updatedAt: later + 1 }
      await store.commit({ write: [{ kind: 'save_endpoint', endpoint: active }] })
      expect(await store.listReceivers()).toEqual([{ target: 'https://other.example.com', nextAt: later + 1 }])
      const due = await store.listDueDeliveries('https://other.example.com', later + 1, 10)
      expect(due.map(({ id }) => id)).toEqual([first.ids[1], second.ids[0]])
    }),
  )

  test(
    'a hold delays everything for an endpoint, what comes later too, and nothing for another',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const first = await promised(store, endpoint)
      const other = await promised(store, sampleEndpoint())
      const until = later + 60_000
      await store.commit({ write: [{ kind: 'hold_endpoint', endpoint: endpoint.id, until }] })
      const second = await promised(store, endpoint, false)
      expect(await dueIds(store, until - 1)).toEqual([other.ids[0]])
      expect((await dueIds(store, until)).toSorted()).toEqual([first.ids[0], other.ids[0], second.ids[0]].toSorted())
      await save(store, afterTry(await read(store, first.ids[0] ?? ''), ok, 0))
      expect(await dueIds(store, until - 1)).toEqual([other.ids[0]])
    }),
  )
}

const listingTests = (withStore: WithStore) => {
  test(
    'receivers are listed once each with the instant of their first delivery',
    withStore(async (store) => {
      await promised(store, sampleEndpoint({ url: 'http://b.example.com:81/x' }))
      await promised(store, sampleEndpoint({ url: 'http://a.example.com/y' }))
      await promised(store, sampleEndpoint({ url: 'http://a.example.com/z' }))
      expect(await store.listReceivers()).toEqual([
        { target: 'http://a.example.com', nextAt: sampleAt },
        { target: 'http://b.example.com:81', nextAt: sampleAt },
      ])
      expect(await store.listDueDeliveries('http://a.example.com', sampleAt - 1, 9)).toEqual([])
      expect(await store.listDueDeliveries('http://a.example.com', sampleAt, 1)).toHaveLength(1)
    }),
  )

  test(
    'deliveries of an endpoint are listed newest first, in all states or one, with their tries',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const { ids } = await promised(store, endpoint)
      const delivered = afterTry(await read(store, ids[0] ?? ''), ok, 0)
      await save(store, delivered)
      expect(await store.readDelivery(delivered.id)).toEqual(delivered)
      const listed = await store.listDeliveries(endpoint.id, undefined, { limit: 10 })
      expect(listed.map(({ id }) => id)).toEqual(ids.toReversed())
      const [newest] = listed
      const page = { limit: 1, before: newest ?? { number: 0 } }
      expect((await store.listDeliveries(endpoint.id, undefined, page)).map(({ id }) => id)).toEqual([ids[1]])
      expect(await store.listDeliveries(endpoint.id, 'delivered', { limit: 10 })).toEqual([delivered])
    }),
  )

  test(
    'settled deliveries are forgotten after their time, pending ones never',
    withStore(async (store) => {
      const { ids } = await promised(store, sampleEndpoint())
      await save(store, afterTry(await read(store, ids[0] ?? ''), ok, 0))
      expect(await store.oldestSettledDelivery()).toBe(ok.endedAt)
      const forget = (before: number) => store.commit({ write: [{ kind: 'forget_deliveries', before, limit: 10 }] })
      await forget(ok.endedAt)
      expect(await store.readDelivery(ids[0] ?? '')).toBeDefined()
      await forget(ok.endedAt + 1)
      expect(await store.readDelivery(ids[0] ?? '')).toBeUndefined()
      expect(await store.readDelivery(ids[1] ?? '')).toBeDefined()
      expect(await store.oldestSettledDelivery()).toBeUndefined()
    }),
  )

  test(
    'deleting an endpoint takes its deliveries along; a try under way then finds nothing to save',
    withStore(async (store) => {
      const endpoint = sampleEndpoint()
      const { ids, task } = await promised(store, endpoint)
      const inFlight = await read(store, ids[0] ?? '')
      await store.commit({ write: [{ kind: 'delete_endpoint', endpoint: endpoint.id }] })
      expect(await store.listReceivers()).toEqual([])
      const delivery = afterTry(inFlight, ok, 0)
      const late = { require: [deliveryAt(inFlight)], write: [{ kind: 'save_delivery' as const, delivery }] }
      expect((await store.commit(late)).committed).toBe(false)
      expect(await store.readEvents(task.id, 0, 10)).toHaveLength(3)
    }),
  )
}

export function describeWebhooks(withStore: WithStore): void {
  describe('webhooks', () => {
    endpointsTests(withStore)
    promisingTests(withStore)
    orderTests(withStore)
    listingTests(withStore)
  })
}
