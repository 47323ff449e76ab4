import { afterEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/create-world.ts'

/** Behind a proxy that has the server at a path of its own. */
const publicUrl = 'https://tasks.example/base'
let world: World
afterEach(() => world.close())
const open = async () => {
  world = await createWorld({ started: false, settings: { publicUrl: () => publicUrl } })
  return world
}

/** Everything in an answer that is an address of this server: its header, and each text in its body that looks like one. */
function addressesIn({ headers, body }: { headers: Record<string, unknown>; body: string }): string[] {
  const found = [
    ...body.matchAll(/"((?:https?|wss?):\/\/[^"]+|\/(?:v1|api|agent|mandate|neo|shinzo|certior)\/[^"]*)"/gu),
  ]
  return [headers['location'], ...found.map(([, url]) => url)].flatMap((url) =>
    url === undefined ? [] : [String(url)],
  )
}

describe('every address in an answer', () => {
  const bodies = {
    native: { input: 'say hi' },
    certior: { task: 'say hi' },
    neo: { task: 'say hi', response_format: 'json' },
    shinzo: { message: 'say hi' },
  } as const
  const ways = [
    ['native', '/v1/tasks', '/mandate'],
    ['native', '/mandate/v1/tasks', '/mandate'],
    ['certior', '/api/v1/tasks', ''],
    ['certior', '/certior/api/v1/tasks', '/certior'],
    ['neo', '/api/v1/tasks', ''],
    ['neo', '/neo/api/v1/tasks', '/neo'],
    ['shinzo', '/agent/request/:agent', ''],
    ['shinzo', '/shinzo/agent/request/:agent', '/shinzo'],
  ] as const

  test.each(ways)(
    'of %s at %s begins with the public URL, and with its mount where it came through one',
    async (dialect, path, mount) => {
      await open()
      const caller = await world.addCaller('operator', { dialect })
      const answer = await world.app.inject({
        method: 'POST',
        url: path.replace(':agent', world.agent.id),
        headers: { ...caller.headers, host: 'evil.example', 'x-forwarded-host': 'evil.example' },
        payload: bodies[dialect],
      })
      expect(answer.statusCode, answer.body).toBeLessThan(300)
      const addresses = addressesIn(answer)
      expect(addresses.length).toBeGreaterThan(0)
      for (const address of addresses)
        expect(address.replace(/^ws/u, 'http').startsWith(`${publicUrl}${mount}/`), address).toBe(true)
      expect(answer.body + JSON.stringify(answer.headers)).not.toContain('evil.example')
    },
  )

  test('works as it was given: what it names answers to the same key', async () => {
    await open()
    for (const [dialect, path] of ways) {
      const caller = await world.addCaller('operator', { dialect })
      const url = path.replace(':agent', world.agent.id)
      const made = await world.app.inject({ method: 'POST', url, headers: caller.headers, payload: bodies[dialect] })
      for (const address of addressesIn(made).filter((one) => one.startsWith('http') && !/streams|cancel/u.test(one))) {
        const { status } = await world.app
          .inject({ url: address.slice(publicUrl.length), headers: caller.headers })
          .then(({ statusCode }) => ({ status: statusCode }))
        expect(status, address).toBe(200)
      }
    }
  })

  test('that a Location names for agents and policies is under the public URL too', async () => {
    await open()
    const agent = await world.call('POST', '/v1/agents', { name: 'second' })
    expect(agent.headers['location']).toBe(`${publicUrl}/mandate/v1/agents/${agent.json().id}`)
    const streamed = await world.app.inject({
      method: 'POST',
      url: '/v1/tasks',
      headers: { ...world.admin.headers, prefer: 'wait=0' },
      payload: { input: 'x' },
    })
    expect(streamed.headers['location']).toBe(`${publicUrl}/mandate/v1/tasks/${streamed.json().id}`)
  })
})
