import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TaskView } from '../../../src/api/native/contract/task.ts'
import { createWorld, type World } from '../../support/create-world.ts'

const bytesMax = 1_000_000
let world: World
let url: string
beforeAll(async () => {
  world = await createWorld({ started: false, limits: { body_bytes_max: bytesMax } })
  url = await world.listen()
})
afterAll(() => world.close())

const task = { input: 'say hello' }
const gzipped = (value: unknown) => gzipSync(JSON.stringify(value))
const headersOf = (coding: string) => ({
  ...world.admin.headers,
  'content-type': 'application/json',
  'content-encoding': coding,
})

/** Over a connection, with the length of the body or without. */
const send = (body: Buffer, { coding = 'gzip', path = '/v1/tasks', streamed = false } = {}) => {
  const sent = streamed ? new Blob([body as Uint8Array<ArrayBuffer>]).stream() : body
  const request = { method: 'POST', headers: headersOf(coding), body: sent, duplex: 'half' } as RequestInit
  return fetch(`${url}${path}`, request)
}

test.each([
  ['gzip', false],
  ['gzip', true],
  ['x-gzip', false],
  ['GZIP', false],
])('a body with Content-Encoding %s is inflated and read (streamed: %s)', async (coding, streamed) => {
  const answer = await send(gzipped(task), { coding, streamed })
  expect([answer.status, ((await answer.json()) as TaskView).input]).toEqual([202, task.input])
})

test('a body that is not encoded says so and is read', async () => {
  expect((await send(Buffer.from(JSON.stringify(task)), { coding: 'identity' })).status).toBe(202)
})

test.each([
  ['xagent', '/xagent/v1/chat/tasks'],
  ['certior', '/certior/api/v1/tasks'],
  ['neo', '/neo/api/v1/tasks'],
  ['agentrix', '/agentrix/v1/agentrix/tasks/start'],
  ['shinzo', '/shinzo/agent/request/1'],
] as const)('%s reads a gzip body', async (dialect, path) => {
  const agentId = dialect === 'xagent' ? world.agent.id : null
  const { headers } = await world.addCaller('operator', { dialect, agentId })
  const ask = (payload: Buffer, coding: string) =>
    world.app.inject({ method: 'POST', url: path, headers: { ...headersOf(coding), ...headers }, payload })
  const seen = async (payload: Buffer, coding: string) => {
    const { statusCode, body } = await ask(payload, coding)
    return `${statusCode} ${body.replaceAll(/"[\w-]{8}-\w{1,3}"|err_\w+|[\d-]+T[\d:.]+Z/gu, '…')}`
  }
  // A body whose fields are refused: the answer is another than to what is no JSON.
  const body = Buffer.from(JSON.stringify({ task: 5, message: 5, agent_id: 5, title: 5 }))
  const plain = await seen(body, 'identity')
  expect(plain).toMatch(/^4/)
  expect(await seen(gzipSync(body), 'gzip')).toBe(plain)
  expect(await seen(body, 'gzip')).not.toBe(plain)
})

test('a small body that inflates past body_bytes_max is 413, in one member or in many', async () => {
  const member = gzipSync(Buffer.alloc(bytesMax / 2))
  for (const bomb of [gzipSync(Buffer.alloc(100 * bytesMax)), Buffer.concat([member, member, member])]) {
    expect(bomb.length).toBeLessThan(bytesMax)
    const answer = await send(bomb)
    expect((await answer.json()) as object).toMatchObject({ status: 413, limit: 'body_bytes_max' })
  }
})

test('a gzip body of exactly body_bytes_max is read, one byte more is not', async () => {
  const body = (bytes: number) => gzipSync(`${JSON.stringify(task).slice(0, -1)}${' '.repeat(bytes - 21)}}`)
  expect(JSON.stringify(task)).toHaveLength(21)
  expect((await send(body(bytesMax))).status).toBe(202)
  expect((await send(body(bytesMax + 1))).status).toBe(413)
})

test('a body that is not gzip, or was cut short, is 400', async () => {
  for (const payload of [Buffer.from(JSON.stringify(task)), gzipped(task).subarray(0, -4)]) {
    const answer = await send(payload)
    expect((await answer.json()) as object).toMatchObject({ status: 400, code: 'malformed_request' })
  }
})

test('another coding is 415 and the answer names the one that is taken', async () => {
  const brotli = brotliCompressSync(JSON.stringify(task))
  for (const coding of ['br', 'gzip, gzip', 'nonsense']) {
    const answer = await send(brotli, { coding })
    expect([answer.status, answer.headers.get('accept-encoding')]).toEqual([415, 'gzip'])
  }
})

test('an unknown path is 404 whatever the coding of the body', async () => {
  expect((await send(Buffer.from('x'), { coding: 'br', path: '/mandate/v1/nonsense' })).status).toBe(404)
})
