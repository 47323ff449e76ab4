import { createPublicKey, verify } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { signingKeyOf, signWebhook, webhookSecretOf } from '../engine/webhooks/sign-webhook.ts'
import { checkWebhook, isSignedBy } from './check-webhook.ts'

const secret = webhookSecretOf(Buffer.alloc(32, 3))
const older = webhookSecretOf(Buffer.alloc(32, 4))
const signingKey = signingKeyOf(Buffer.alloc(32, 5))
const body = JSON.stringify({ type: 'run.succeeded', text: 'grüße' })

const signed = (secrets = [secret], at = Date.now()) => signWebhook({ id: 'msg-1', at, body, secrets, signingKey })

test('the package of the standard takes the signature, and refuses another body, id, time or secret', async () => {
  const headers = await signed()
  const webhook = new Webhook(secret)
  expect(webhook.verify(body, headers)).toEqual(JSON.parse(body))
  expect(() => webhook.verify(`${body} `, headers)).toThrow()
  expect(() => webhook.verify(body, { ...headers, 'webhook-id': 'msg-2' })).toThrow()
  expect(() => webhook.verify(body, { ...headers, 'webhook-timestamp': '1' })).toThrow()
  expect(() => new Webhook(older).verify(body, headers)).toThrow()
})

test('while a secret is replaced both sign', async () => {
  const headers = await signed([secret, older])
  for (const one of [secret, older]) expect(await checkWebhook(one, headers, body)).toBeUndefined()
  expect(await checkWebhook(webhookSecretOf(Buffer.alloc(32, 9)), headers, body)).toBe('No matching signature found')
})

test('an old delivery is told from a fresh one', async () => {
  expect(await checkWebhook(secret, await signed([secret], Date.now() - 600_000), body)).toContain('too old')
})

test('the v1a signature is Ed25519 by the public key that is shown', async () => {
  const headers = await signed()
  const raw = Buffer.from(signingKey.publicKey.replace('whpk_', ''), 'base64')
  expect(raw).toHaveLength(32)
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  })
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers
  const v1a = /v1a,(\S+)/u.exec(signatures)?.[1] ?? ''
  expect(verify(null, Buffer.from(`${id}.${at}.${body}`), key, Buffer.from(v1a, 'base64'))).toBe(true)
  expect(isSignedBy(signingKey.publicKey, headers, body)).toBe(true)
  expect(isSignedBy(signingKey.publicKey, headers, `${body} `)).toBe(false)
  expect(isSignedBy(signingKeyOf(Buffer.alloc(32, 6)).publicKey, headers, body)).toBe(false)
})
