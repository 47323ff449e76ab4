import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectionError } from './connection-error.ts'
import { createClient } from './create-client.ts'

/** What Node's fetch throws. */
function thrown(code: string, message = code): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })
}

const url = 'https://m.example:7070'

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate; if so, do', 'it is signed by itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'it is signed by itself'],
  ['CERT_HAS_EXPIRED', 'certificate has expired', 'it has expired'],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid', 'it is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname/IP does not match', 'it is for another host'],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'unable to verify the first certificate',
    'unable to verify the first certificate',
  ],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', 'unable to get local issuer'],
])('a certificate that is not trusted (%s) is told as such and not asked again', (code, message, reason) => {
  const error = connectionError(url, thrown(code, message))
  expect(error).toMatchObject({ status: 0, code: 'tls_failed', retryable: false })
  expect(error.detail).toContain(`The certificate of the server at ${url} is not trusted: ${reason}`)
  expect(error.detail).toContain(code)
})

test.each([
  ['ECONNREFUSED', 'unreachable', `No server answers at ${url}.`],
  ['EHOSTUNREACH', 'unreachable', `No server answers at ${url} (EHOSTUNREACH).`],
  ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', `No server answers at ${url} (UND_ERR_CONNECT_TIMEOUT).`],
  ['ENOTFOUND', 'unreachable', 'The host m.example is not known (ENOTFOUND).'],
  ['EAI_AGAIN', 'unreachable', 'The host m.example is not known (EAI_AGAIN).'],
  ['ECONNRESET', 'unreachable', `What answers at ${url} closed the connection without an answer.`],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_failed', `No secure connection to ${url} came about`],
])('%s is %s', (code, kind, detail) => {
  const error = connectionError(url, thrown(code))
  expect([error.code, error.retryable]).toEqual([kind, kind !== 'tls_failed'])
  expect(error.detail).toContain(detail)
})

test('of several addresses that were tried the first one tells why', () => {
  const cause = new AggregateError([Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), new Error('other')])
  expect(connectionError(url, new TypeError('fetch failed', { cause })).detail).toBe(`No server answers at ${url}.`)
})

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const readHealth = (address: string) => createClient({ url: address, key: 'mdt_k' }).readHealth()

test('a server that speaks no TLS is told from one that is not there', async () => {
  const port = await listen(createServer((_request, response) => response.end('{}')))
  await expect(readHealth(`https://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'tls_failed',
    detail: expect.stringContaining('does not speak TLS: it may be meant as http://'),
  })
})

test('a server that speaks something else closes the connection, which is said', async () => {
  const port = await listen(createTcpServer((socket) => socket.on('error', () => undefined).end('\u0015\u0003\u0001')))
  await expect(readHealth(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'unreachable',
    detail: expect.stringContaining('it may be meant as https://'),
  })
})

test('an answer that points elsewhere is not followed, and the key goes nowhere', async () => {
  const reached: string[] = []
  const other = await listen(createServer((request) => void reached.push(request.url ?? '')))
  const port = await listen(
    createServer((_request, response) => response.writeHead(307, { location: `http://127.0.0.1:${other}/` }).end()),
  )
  await expect(readHealth(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'bad_answer',
    status: 307,
    detail: `What answers at http://127.0.0.1:${port} points to http://127.0.0.1:${other}/ (307); it is not followed.`,
  })
  expect(reached).toEqual([])
})
