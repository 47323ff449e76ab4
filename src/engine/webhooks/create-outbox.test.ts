import { expect, test } from 'vitest'
import { sampleTask } from '../../../test/support/sample-tasks.ts'
import { sampleEndpoint } from '../../../test/support/sample-webhooks.ts'
import { createInProcessWakeup } from '../../wakeup/in-process/create-in-process-wakeup.ts'
import { createOutbox } from './create-outbox.ts'

function openOutbox() {
  let made = 0
  const wakeup = createInProcessWakeup()
  const outbox = createOutbox({ newId: () => `id-${++made}` }, wakeup)
  let hints = 0
  outbox.onPromised(() => {
    hints += 1
  })
  return { outbox, wakeup, hints: () => hints }
}

const { task, events } = sampleTask({ ownerId: 'owner-1', teamId: 'team-1', visibility: 'team' })

test('promises each event to each endpoint that wants it, by its place in the commit', () => {
  const { outbox } = openOutbox()
  const [own, team, other] = [
    sampleEndpoint({ events: ['task.*', 'run.queued'] }),
    sampleEndpoint({ teamId: 'team-1', ownerId: 'owner-9', events: ['run.queued'] }),
    sampleEndpoint({ ownerId: 'owner-2' }),
  ]
  for (const endpoint of [own, team, other]) outbox.refresh(endpoint)
  const webhook = { endpoint: 'of-task', events: ['message.added'] }
  const [write, ...more] = outbox.promise({ ...task, webhook }, events)
  expect(more).toEqual([])
  expect(write).toMatchObject({
    kind: 'add_deliveries',
    task: task.id,
    deliveries: [
      { endpointId: own.id, event: 0, kind: 'task.submitted' },
      { endpointId: 'of-task', event: 1, kind: 'message.added' },
      { endpointId: own.id, event: 2, kind: 'run.queued' },
      { endpointId: team.id, event: 2, kind: 'run.queued' },
    ],
  })
})

test('forgets what was deleted, disabled, or wants something else by now', () => {
  const { outbox } = openOutbox()
  const endpoint = sampleEndpoint({ events: ['*'] })
  outbox.refresh(endpoint)
  outbox.refresh({ ...endpoint, events: ['run.failed'] })
  expect(outbox.promise(task, events)).toEqual([])
  outbox.refresh(endpoint)
  expect(outbox.promise(task, events)).toHaveLength(1)
  outbox.refresh({ ...endpoint, state: 'disabled' })
  expect(outbox.promise(task, events)).toEqual([])
  outbox.refresh(endpoint)
  outbox.forget(endpoint.id)
  expect(outbox.promise(task, events)).toEqual([])
})

test('tells the deliverer after the commit, when the journal is hinted, and not of what was not promised', () => {
  const { outbox, wakeup, hints } = openOutbox()
  outbox.promise(task, events)
  wakeup.hint(task.id)
  expect(hints()).toBe(0)
  outbox.refresh(sampleEndpoint())
  outbox.promise(task, events)
  outbox.promise(task, events)
  expect(hints()).toBe(0)
  wakeup.hint(task.id)
  wakeup.hint(task.id)
  expect(hints()).toBe(1)
})

test('reads every page of the subscriptions at the start', async () => {
  const { outbox } = openOutbox()
  const endpoints = Array.from({ length: 450 }, (_, at) => sampleEndpoint({ createdAt: 10_000 - at }))
  await outbox.open({
    listEndpoints: async (_owner, { limit, before }) => {
      const from =
        before === undefined || 'number' in before ? 0 : endpoints.findIndex(({ id }) => id === before.id) + 1
      return endpoints.slice(from, from + limit)
    },
  })
  const [write] = outbox.promise(task, events.slice(0, 1))
  expect(write?.kind === 'add_deliveries' ? write.deliveries.length : 0).toBe(450)
})
