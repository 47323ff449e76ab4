import { describe, expect, test } from 'vitest'
import { ClientError } from './client-error.ts'
import { createClient } from './create-client.ts'
import type { Fetch } from './send-request.ts'

/** A client whose requests are noted and answered with this. */
function clientWith(answer: () => Response) {
  const sent: { url: string; init: RequestInit }[] = []
  const fetch: Fetch = async (url, init) => {
    sent.push({ url, init })
    return answer()
  }
  return { sent, client: createClient({ url: 'http://host:1/', key: 'mdt_k', fetch }) }
}

const json = (value: unknown, init?: ResponseInit) => () => new Response(JSON.stringify(value), init)

describe('the client', () => {
  test('sends what is submitted, with its key, its wait and its idempotency key', async () => {
    const { client, sent } = clientWith(json({ id: 't' }))
    expect(await client.submitTask({ input: 'x' }, { idempotencyKey: 'i', waitSeconds: 5 })).toEqual({ id: 't' })
    expect(sent[0]?.url).toBe('http://host:1/mandate/v1/tasks')
    expect(sent[0]?.init).toMatchObject({
      method: 'POST',
      body: '{"input":"x"}',
      headers: {
        authorization: 'Bearer mdt_k',
        'content-type': 'application/json',
        'idempotency-key': 'i',
        prefer: 'wait=5',
      },
    })
  })

  test('writes filters into the query, metadata in brackets', async () => {
    const { client, sent } = clientWith(json({ tasks: [] }))
    await client.listTasks({ state: 'failed,blocked', limit: 2, metadata: { 'a b': 'c&d' } })
    const { searchParams } = new URL(sent[0]?.url ?? '')
    expect([...searchParams]).toEqual([
      ['state', 'failed,blocked'],
      ['limit', '2'],
      ['metadata[a b]', 'c&d'],
    ])
  })

  test('escapes what it puts into a path, but for the folders of a file', async () => {
    const { client, sent } = clientWith(() => new Response('bytes'))
    const bytes = await client.readFile('../x', 'a b/ü?.txt')
    expect(new TextDecoder().decode(bytes)).toBe('bytes')
    expect(sent[0]?.init.headers).toMatchObject({ 'accept-encoding': 'identity' })
    expect(sent[0]?.url).toBe('http://host:1/mandate/v1/tasks/..%2Fx/files/a%20b/%C3%BC%3F.txt')
  })

  test('throws the problem that the server tells, with all that it says', async () => {
    const problem = {
      code: 'limit_exceeded',
      title: 'Limit exceeded',
      detail: 'Too many steps.',
      limit: 'steps_max',
      errors: [{ field: 'max_steps', message: 'at most 200' }],
    }
    const { client } = clientWith(json(problem, { status: 429, headers: { 'retry-after': '2' } }))
    const error = await client.readTask('t').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({
      status: 429,
      code: 'limit_exceeded',
      detail: 'Too many steps.',
      limit: 'steps_max',
      errors: problem.errors,
      retryAfterMs: 2_000,
      retryable: true,
    })
  })

  test('says so when what answers is no Mandate server', async () => {
    const html = () => new Response('<html>', { status: 200 })
    await expect(clientWith(html).client.readHealth()).rejects.toMatchObject({ code: 'bad_answer' })
    const gone = () => new Response('<html>', { status: 404 })
    await expect(clientWith(gone).client.readTask('t')).rejects.toMatchObject({ code: 'bad_answer', status: 404 })
  })

  test('reads how a server is also when it is not well', async () => {
    const health = { live: true, ready: false, degraded: ['The disk is full.'], version: '1' }
    expect(await clientWith(json(health, { status: 503 })).client.readHealth()).toEqual(health)
  })

  test('says so when nothing answers', async () => {
    const cause = new TypeError('fetch failed')
    const { client } = clientWith(() => {
      throw cause
    })
    await expect(client.listModels()).rejects.toMatchObject({
      status: 0,
      code: 'unreachable',
      message: 'No server answers at http://host:1/.',
      cause,
    })
  })

  test('deletes without expecting an answer', async () => {
    const { client, sent } = clientWith(() => new Response(null, { status: 204 }))
    await client.deleteAgent('7')
    await client.revokeKey('k')
    expect(sent.map(({ url, init }) => `${init.method} ${new URL(url).pathname}`)).toEqual([
      'DELETE /mandate/v1/agents/7',
      'DELETE /mandate/v1/keys/k',
    ])
  })
})
