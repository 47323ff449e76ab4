import { afterEach, expect, test } from 'vitest'
import type { WebhookBody } from '../../src/api/native/contract/webhook.ts'
import { type LoopbackReceiver, startLoopbackReceiver } from '../support/loopback-receiver.ts'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'
import { until } from '../support/until.ts'

const folder = temporaryFolder()
let server: RunningServer | undefined
let receiver: LoopbackReceiver | undefined
afterEach(async () => {
  await server?.stop('SIGKILL')
  await receiver?.close()
  folder.remove()
})

const rounds = 5
const perRound = 8
const env = { MANDATE_ALLOW_PRIVATE_NETWORK: '1' }

test('a server that is killed at any moment delivers every event at least once, in order per task', async () => {
  receiver = await startLoopbackReceiver((_request, response) => response.writeHead(204).end())
  const { requests, url } = receiver
  server = await startServer(folder.path, env)
  const created = await server.call('POST', '/mandate/v1/webhooks', { url, events: ['*'] })
  expect(created.status).toBe(201)
  const accepted: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const running = server
    const before = requests.length
    const submits = Array.from({ length: perRound }, async () => {
      const input = 'write hello to a.txt then count the words in a.txt'
      const response = await running.call('POST', '/mandate/v1/tasks', { input }).catch(() => undefined)
      if (response?.status !== 202) return
      const task = (await response.json().catch(() => undefined)) as { id: string } | undefined
      if (task !== undefined) accepted.push(task.id)
    })
    // Killed among the deliveries of this round: each time somewhere else.
    await until('deliveries', () => requests.length > before + 7 * round)
    await running.stop('SIGKILL')
    await Promise.all(submits)
    server = await startServer(folder.path, env)
  }
  expect(accepted.length).toBeGreaterThan(rounds)
  for (const id of accepted) await expectAllDelivered(server, receiver, id)
}, 120_000)

async function expectAllDelivered(running: RunningServer, { requests }: LoopbackReceiver, id: string): Promise<void> {
  expect((await running.call('GET', `/mandate/v1/tasks/${id}?wait=60`)).status).toBe(200)
  const page = await running.call('GET', `/mandate/v1/tasks/${id}/events?limit=200`)
  const { events } = (await page.json()) as { events: { seq: number; type: string }[] }
  const received = () =>
    requests
      .map(({ headers, body }) => ({ id: headers['webhook-id'], ...(JSON.parse(body) as WebhookBody) }))
      .filter(({ data }) => data.task.id === id)
  await until(
    `every event of ${id}`,
    () => new Set(received().map(({ data }) => data.event.seq)).size === events.length,
  )
  const seqs = received().map(({ data }) => data.event.seq)
  // What comes again after a crash is the delivery that was under way, before anything that follows it.
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  expect([...new Set(seqs)]).toEqual(events.map(({ seq }) => seq))
  const ids = new Map(received().map((one) => [one.data.event.seq, one.id]))
  expect(received().every((one) => ids.get(one.data.event.seq) === one.id)).toBe(true)
}
