import { afterEach, expect, test } from 'vitest'
import { newKey } from '../../../src/auth/api-key.ts'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import { type WatchedSocket, watchSocket } from '../../support/watch-socket.ts'
import { type Certior, openCertior } from './open-certior.ts'

let certior: Certior
const sockets: WatchedSocket[] = []
const open = async (options?: Parameters<typeof openCertior>[0]) => {
  certior = await openCertior({ started: false, ...options })
  const address = await certior.world.listen()
  return { ...certior, address }
}
afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate()
  await certior.world.close()
})

function watch(url: string, headers: Readonly<Record<string, string>> = {}): WatchedSocket {
  const watched = watchSocket(url, headers)
  sockets.push(watched)
  return watched
}
const create = async (headers: Readonly<Record<string, string>> = certior.caller.headers, mount = '') => {
  const payload = { task: 'say hi' }
  const answer = await certior.world.app.inject({ method: 'POST', url: `${mount}/api/v1/tasks`, headers, payload })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json() as { execution_id: string; websocket_url: string }
}
const refusedWith = async (url: string, headers?: Readonly<Record<string, string>>) => {
  const { status, body } = await watch(url, headers).refused()
  return [status, Object.keys(JSON.parse(body))]
}

test('the websocket_url opens as it is, with no key, and ends in the path of the socket', async () => {
  await open()
  const { execution_id, websocket_url } = await create()
  expect(websocket_url).toMatch(new RegExp(`^ws://[^/]+/tickets/[^/]+/ws/executions/${execution_id}$`, 'u'))
  const { opened, messages } = watch(websocket_url)
  await opened()
  await expect.poll(() => messages.length).toBeGreaterThan(0)
  expect(messages[0]).toMatchObject({ execution_id, status: 'created' })
})

test('every answer holds a new one, for its reader: the list, the execution, and each time again', async () => {
  const clock = createFakeClock()
  const { call } = await open({ clock })
  const { execution_id, websocket_url } = await create()
  clock.advance(1_000)
  const listed = await call('GET', '/api/v1/executions')
  clock.advance(1_000)
  const read = await call('GET', `/api/v1/executions/${execution_id}`)
  const urls = [websocket_url, listed.json()[0].websocket_url, read.json().websocket_url]
  expect(new Set(urls).size).toBe(3)
  for (const url of urls) await watch(url).opened()
  for (const answer of [listed, read]) expect(answer.headers['cache-control']).toBe('no-store')
})

test('shows nobody more than its reader may see', async () => {
  const { world, address } = await open()
  const { execution_id, websocket_url } = await create()
  const other = await create()
  const ticket = new URL(websocket_url).pathname.split('/')[2]
  const moved = websocket_url.replace(execution_id, other.execution_id)
  expect(await refusedWith(moved)).toEqual([401, ['detail']])
  const paths = [`/api/v1/executions/${execution_id}`, '/api/v1/executions']
  for (const path of paths) {
    const answer = await world.app.inject({ url: `/tickets/${ticket}${path}` })
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'There is no such path.' }])
  }
  const cancelled = await world.app.inject({
    method: 'DELETE',
    url: `/tickets/${ticket}/ws/executions/${execution_id}`,
  })
  expect(cancelled.statusCode).toBe(405)
  const plain = await fetch(websocket_url.replace('ws', 'http'))
  expect([plain.status, await plain.json()]).toEqual([400, { detail: expect.stringContaining('ws://') }])
  const asKey = await fetch(`${address}/api/v1/executions`, { headers: { authorization: `Bearer ${ticket}` } })
  expect(asKey.status).toBe(401)
})

test('is to be opened within five minutes; what was opened in time goes on', async () => {
  const clock = createFakeClock()
  await open({ clock })
  const { websocket_url } = await create()
  clock.advance(299_999)
  const { opened, socket } = watch(websocket_url)
  await opened()
  clock.advance(1)
  expect(await refusedWith(websocket_url)).toEqual([401, ['detail']])
  expect(socket.readyState).toBe(1)
})

test('a key that is sent decides alone: wrong it is refused, a stranger’s finds nothing', async () => {
  const { world } = await open()
  const { websocket_url } = await create()
  const wrong = newKey('certior').key
  const stranger = await world.addCaller('operator', { dialect: 'certior' })
  const ways = [
    [`${websocket_url}?api_key=${wrong}`, {}, 401],
    [websocket_url, { authorization: `Bearer ${wrong}` }, 401],
    [websocket_url, { 'x-api-key': wrong }, 401],
    [websocket_url, { authorization: 'nonsense' }, 401],
    [websocket_url, world.admin.headers, 401], // another dialect's, without its mount
    [websocket_url, stranger.headers, 404],
    [`${websocket_url}?api_key=${stranger.key}`, {}, 404],
  ] as const
  for (const [url, headers, status] of ways) {
    expect((await watch(url, headers).refused()).status, JSON.stringify(headers)).toBe(status)
  }
  await watch(websocket_url, certior.caller.headers).opened()
})

test('dies with its key', async () => {
  const { world } = await open()
  const { websocket_url } = await create()
  const [key] = await world.deps.store.listKeys(certior.caller.user.id, { limit: 1 })
  await world.call('DELETE', `/v1/keys/${key?.id}`)
  expect(await refusedWith(websocket_url)).toEqual([401, ['detail']])
})

test('holds the mount that the request came through, where the key of another dialect opens it', async () => {
  const { world } = await open()
  for (const who of [world.admin.headers, certior.caller.headers]) {
    const { websocket_url, execution_id } = await create(who, '/certior')
    expect(new URL(websocket_url).pathname).toMatch(/^\/certior\/tickets\//u)
    await watch(websocket_url).opened()
    await watch(websocket_url, who).opened()
    const read = await world.app.inject({ url: `/certior/api/v1/executions/${execution_id}`, headers: who })
    expect(new URL(read.json().websocket_url).pathname).toMatch(/^\/certior\/tickets\//u)
  }
})

test('one of the operator’s own key works too', async () => {
  await open({ settings: { adminKey: 'operators-own-key' } })
  const { websocket_url } = await create({ authorization: 'Bearer operators-own-key' }, '/certior')
  await watch(websocket_url).opened()
})

test('is nowhere in the database and nowhere in what is delivered', async () => {
  const bodies: string[] = []
  const { world, call } = await open({
    started: true,
    send: async ({ body }) => {
      bodies.push(body)
      return { status: 200, retryAfter: null }
    },
  })
  const { execution_id, websocket_url } = await create()
  const ticket = new URL(websocket_url).pathname.split('/')[2] ?? ''
  await world.call('GET', `/v1/tasks/${execution_id}?wait=1`)
  await call('GET', `/api/v1/executions/${execution_id}`)
  const tasks = await world.deps.store.listTasks({}, { limit: 10 })
  const events = await Promise.all(tasks.map(({ id }) => world.deps.store.readEvents(id, 0, 200)))
  const digests = events.flat().flatMap(({ contents }) => Object.values(contents))
  const contents = await world.deps.store.readContents(digests)
  const kept = JSON.stringify([tasks, events, [...contents.values()], bodies])
  expect(kept.length).toBeGreaterThan(1_000)
  expect(kept).not.toContain(ticket)
  expect(kept).not.toContain('/tickets/')
})
