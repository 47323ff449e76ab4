import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { createJwtVerifier, fetchJwks, type JwtSettings, jwksBytesMax, looksLikeJwt } from './verify-jwt.ts'

const secret = 'a secret of at least thirty-two bytes'
const key = new TextEncoder().encode(secret)
const now = Date.UTC(2026, 10, 22)
const base: JwtSettings = { secret, jwksUrl: undefined, issuer: undefined, audience: undefined, createUsers: false }

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean()
})

function token(
  over: { alg?: string; kid?: string; sub?: string; exp?: number | null; iss?: string; aud?: string } = {},
) {
  const jwt = new SignJWT({ name: 'Ada' })
    .setProtectedHeader({ alg: over.alg ?? 'HS256', ...(over.kid && { kid: over.kid }) })
    .setSubject(over.sub ?? 'user-1')
  if (over.exp !== null) jwt.setExpirationTime(over.exp ?? now / 1_000 + 60)
  if (over.iss !== undefined) jwt.setIssuer(over.iss)
  if (over.aud !== undefined) jwt.setAudience(over.aud)
  return jwt
}

const verify = (over: Partial<JwtSettings> = {}) => createJwtVerifier({ ...base, ...over }, () => now)
const refused = { code: 'unauthenticated' }

test('a token that was signed with the secret names its user', async () => {
  expect(await verify()(await token().sign(key))).toEqual({
    subject: 'user-1',
    name: 'Ada',
    email: undefined,
    expiresAt: now + 60_000,
  })
})

test('a token that has expired, never expires, or names nobody is refused', async () => {
  await expect(verify()(await token({ exp: now / 1_000 - 60 }).sign(key))).rejects.toMatchObject(refused)
  await expect(verify()(await token({ exp: null }).sign(key))).rejects.toMatchObject(refused)
  await expect(verify()(await token({ sub: '' }).sign(key))).rejects.toMatchObject(refused)
})

test('another secret, another algorithm and no signature at all are refused', async () => {
  await expect(verify()(await token().sign(new TextEncoder().encode('x'.repeat(40))))).rejects.toMatchObject(refused)
  await expect(verify()(await token({ alg: 'HS512' }).sign(key))).rejects.toMatchObject(refused)
  const [, payload] = (await token().sign(key)).split('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  await expect(verify()(unsigned)).rejects.toMatchObject(refused)
})

test('issuer and audience must be those that the operator names', async () => {
  const strict = verify({ issuer: 'https://id.example', audience: 'mandate' })
  const good = await token({ iss: 'https://id.example', aud: 'mandate' }).sign(key)
  expect((await strict(good)).subject).toBe('user-1')
  await expect(strict(await token({ iss: 'https://id.example' }).sign(key))).rejects.toMatchObject(refused)
  await expect(strict(await token({ iss: 'other', aud: 'mandate' }).sign(key))).rejects.toMatchObject(refused)
})

test('public keys are taken from the JWKS address, and a secret-key token is refused there', async () => {
  const pair = await generateKeyPair('EdDSA')
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA' }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => new Promise((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const remote = verify({ secret: undefined, jwksUrl: `http://127.0.0.1:${port}/jwks` })
  const signed = await token({ alg: 'EdDSA', kid: 'k1' }).sign(pair.privateKey)
  expect((await remote(signed)).subject).toBe('user-1')
  await expect(remote(await token().sign(key))).rejects.toMatchObject(refused)
})

test('only three base64url parts look like a token', async () => {
  expect(looksLikeJwt(await token().sign(key))).toBe(true)
  for (const text of ['mdt_a_b', 'neo_sk_abc', 'eyJ', 'a.b.c', '']) expect(looksLikeJwt(text)).toBe(false)
})

async function serve(listener: RequestListener) {
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    listener(
      request,
      response.on('error', () => undefined),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host, requests: () => requests }
}

const ask = (host: string) => {
  const { signal } = new AbortController()
  return fetchJwks(`http://${host}/jwks`, { method: 'GET', redirect: 'manual', headers: new Headers(), signal })
}

test('the key set is handed on as it is, with its status', async () => {
  const { host } = await serve((_request, response) => response.writeHead(200).end('{"keys":[]}'))
  expect(await (await ask(host)).json()).toEqual({ keys: [] })
  const gone = await serve((_request, response) => response.writeHead(404).end('nothing'))
  expect((await ask(gone.host)).status).toBe(404)
})

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed, and both hosts are named', async (status) => {
  const other = await serve((_request, response) => response.end('{"keys":[]}'))
  const { host } = await serve((_request, response) => {
    response.writeHead(status, { location: `http://${other.host}/keys` }).end()
  })
  await expect(ask(host)).rejects.toThrow(`${host} redirects to ${other.host} (${status}); it is not followed.`)
  expect(other.requests()).toBe(0)
})

test('a key set that does not end is cut at its limit', async () => {
  const { host } = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    }
    response.on('drain', more)
    more()
  })
  await expect(ask(host)).rejects.toThrow(`larger than ${jwksBytesMax} bytes`)
})
