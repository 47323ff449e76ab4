import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { openDeliveries } from '../../../test/support/open-deliveries.ts'
import { HopelessDelivery, prepareRequest } from './prepare-request.ts'
import { readSecrets } from './webhook-secrets.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}) {
  world = await createEngineWorld(options)
  return openDeliveries(world, ['run.queued'])
}

test.each(['standard', 'certior', 'shinzo'] as const)(
  'each try in the format %s has the same id and body, whatever became of the task, and a signature of its own time',
  async (format) => {
    const { endpoint, delivery, task } = await open()
    const prepare = () => prepareRequest(world.deps, { ...endpoint, format }, delivery)
    const first = await prepare()
    await world.deps.dispatcher.start()
    await world.attemptEnded(task.runId)
    expect(await world.store.readTask(task.id)).toMatchObject({ state: 'succeeded' })
    world.clock.advance(60_000)
    const second = await prepare()
    expect([second.url, second.body]).toEqual([endpoint.url, first.body])
    const [before, after] = [first, second].map(({ headers }) => ({
      id: headers['webhook-id'],
      at: Number(headers['webhook-timestamp']),
    }))
    expect(after).toEqual({ id: delivery.id, at: (before?.at ?? 0) + 60 })
    expect(before?.id).toBe(delivery.id)
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature'])
  },
)

test('a body is signed with the secret of its holder, which is made where there is none', async () => {
  const { endpoint, delivery } = await open()
  const secretHolder = 'user:somebody-new'
  const { body, headers } = await prepareRequest(world.deps, { ...endpoint, secretHolder }, delivery)
  const secrets = await readSecrets(world.deps, secretHolder)
  expect(secrets).toHaveLength(1)
  const signatures = headers['webhook-signature']?.split(' ')
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
  expect(signatures).toContain(new Webhook(secrets[0] ?? '').sign(delivery.id, at, body))
  expect(signatures).toHaveLength(2)
})

test('a format of a dialect that has none of its own is the standard one', async () => {
  const { endpoint, delivery } = await open()
  const standard = await prepareRequest(world.deps, endpoint, delivery)
  const team = await prepareRequest(world.deps, { ...endpoint, format: 'team' }, delivery)
  expect(team.body).toBe(standard.body)
  const certior = await prepareRequest(world.deps, { ...endpoint, format: 'certior' }, delivery)
  expect(certior.body).not.toBe(standard.body)
})

test('a body that is too large even without its texts is given up, by the name of the limit', async () => {
  const { endpoint, delivery } = await open({ limits: { webhook_body_bytes_max: 10 } })
  const prepared = prepareRequest(world.deps, endpoint, delivery)
  await expect(prepared).rejects.toThrow(HopelessDelivery)
  await expect(prepared).rejects.toThrow('larger than 10 bytes (webhook_body_bytes_max)')
})

test('a delivery of an event or a task that is not there is given up', async () => {
  const { endpoint, delivery } = await open()
  for (const lost of [
    { ...delivery, seq: 99 },
    { ...delivery, taskId: 'no-task' },
  ]) {
    await expect(prepareRequest(world.deps, endpoint, lost)).rejects.toThrow(HopelessDelivery)
  }
})
