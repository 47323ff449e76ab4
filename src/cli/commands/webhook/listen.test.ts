import { expect, test } from 'vitest'
import { createCliWorld } from '../../../../test/support/cli-world.ts'
import { signingKeyOf, signWebhook, webhookSecretOf } from '../../../engine/webhooks/sign-webhook.ts'

const secret = webhookSecretOf(Buffer.alloc(32, 1))
const signingKey = signingKeyOf(Buffer.alloc(32, 2))
const body = JSON.stringify({
  type: 'run.succeeded',
  timestamp: '2026-01-01T12:00:00.000Z',
  data: { task: { number: 7, title: 'count\nthe \u001b[31mwords' }, event: { seq: 9 }, brief: false },
})

/** `mandate listen` with a server that answers like ours; resolves with the URL that it subscribed. */
function listenSubscribed(...argv: string[]) {
  const subscribed = Promise.withResolvers<string>()
  const deleted: string[] = []
  const world = createCliWorld({
    routes: {
      'POST /webhooks': (request) => {
        const { url } = request.body as { url: string }
        subscribed.resolve(url)
        return { id: 'hook-1', secret, public_key: signingKey.publicKey }
      },
      'DELETE /webhooks/hook-1': () => {
        deleted.push('hook-1')
        return new Response(null, { status: 204 })
      },
    },
  })
  return { world, deleted, url: subscribed.promise, ended: world.run('listen', '--subscribe', ...argv) }
}

async function send(url: string, signedWith = secret) {
  const headers = await signWebhook({ id: 'msg-1', at: Date.now(), body, secrets: [signedWith], signingKey })
  const answer = await fetch(url, { method: 'POST', headers, body })
  return answer.status
}

test('verifies and prints what comes, on one line, without what steers a terminal', async () => {
  const { world, deleted, url, ended } = listenSubscribed()
  expect(await send(await url)).toBe(204)
  expect(await send(await url)).toBe(204)
  world.interrupt()
  const { exitCode, out, err } = await ended
  expect(exitCode).toBe(0)
  expect(out.trimEnd().split('\n')).toEqual([
    '12:00:00  run.succeeded  task 7 #9  count the [31mwords  msg-1  verified v1 v1a',
    '12:00:00  run.succeeded  task 7 #9  count the [31mwords  msg-1  verified v1 v1a  (again)',
  ])
  expect(err).toContain(await url)
  expect(deleted).toEqual(['hook-1'])
  await expect(fetch(await url, { method: 'POST' })).rejects.toThrow()
})

test('answers 401 to what is signed by somebody else, and says so', async () => {
  const { world, url, ended } = listenSubscribed()
  expect(await send(await url, webhookSecretOf(Buffer.alloc(32, 9)))).toBe(401)
  expect((await fetch(await url)).status).toBe(405)
  world.interrupt()
  expect((await ended).out).toContain('NOT VERIFIED: No matching signature found')
})

test('with --json prints what came, whole', async () => {
  const { world, url, ended } = listenSubscribed('--json', '--events', 'run.*')
  await send(await url)
  world.interrupt()
  expect(JSON.parse((await ended).out)).toMatchObject({ verified: true, again: false, body })
  expect(world.requests[0]?.body).toMatchObject({ events: ['run.*'] })
})

test('without --subscribe takes the secret of the key in use, and leaves nothing behind', async () => {
  const asked = Promise.withResolvers<void>()
  const world = createCliWorld({
    routes: {
      'GET /keys/current/webhook-secret': () => {
        asked.resolve()
        return { secret, public_key: signingKey.publicKey }
      },
    },
  })
  const ended = world.run('listen')
  await asked.promise
  world.interrupt()
  const { exitCode, err } = await ended
  expect(exitCode).toBe(0)
  expect(err).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\/\n$/u)
  expect(world.requests).toHaveLength(1)
})

test('refuses a secret that is none', async () => {
  const { exitCode, err } = await createCliWorld().run('listen', '--secret', 'no secret')
  expect(exitCode).toBe(2)
  expect(err).toContain('whsec_')
})
