import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { fetchJwks, jwksBytesMax } from './fetch-jwks.ts'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean()
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
