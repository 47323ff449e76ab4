import type { LookupFunction } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testFetchLimits } from '../../../../test/support/tool-limits.ts'
import { createFakeClock } from '../../../clock/fake/create-fake-clock.ts'
import { createFetchUrl } from './create-fetch-url.ts'
import { startTestServer, type TestServer } from './test-server.ts'

/** A name server that says loopback for every name, as one does that rebinds. */
const toLoopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}

describe('a URL that leads to this machine', () => {
  let server: TestServer
  let server6: TestServer
  beforeEach(async () => {
    server = await startTestServer((request, response) => {
      const to = request.url?.startsWith('/to?') ? decodeURIComponent(request.url.slice(4)) : undefined
      if (to === undefined) response.setHeader('content-type', 'text/plain').end('inside')
      else response.writeHead(302, { location: to }).end()
    })
    server6 = await startTestServer((_request, response) => {
      response.setHeader('content-type', 'text/plain').end('inside')
    }, '::1')
  })
  afterEach(() => Promise.all([server.close(), server6.close()]))

  const fetchUrl = async (url: string, allowPrivateNetwork: boolean, lookup?: LookupFunction) => {
    const tool = createFetchUrl({
      version: '1.2.3',
      allowPrivateNetwork,
      limits: testFetchLimits,
      ...(lookup && { lookup }),
    })
    const context = {
      workspace: () => Promise.reject(new Error('no workspace')),
      signal: new AbortController().signal,
      clock: createFakeClock(),
      progress: () => {},
    }
    return (await tool.perform({ url }, context)).output
  }

  test.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '2130706433',
    '0x7f000001',
    '127.0.0.1.',
    '１２７.０.０.１',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '0.0.0.0',
    '0',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    'localhost',
    'LOCALHOST',
  ])('http://%s is refused without a connection, and reached where private networks are allowed', async (host) => {
    const port = /^\[[0:]+1\]$/.test(host) ? server6.port : server.port
    const url = `http://${host}:${port}/`
    await expect(fetchUrl(url, false)).rejects.toMatchObject({ name: 'ToolError', code: 'url_refused' })
    expect(server.connections + server6.connections).toBe(0)
    expect(await fetchUrl(url, true)).toBe('inside')
  })

  test('https is refused before TLS says a word', async () => {
    await expect(fetchUrl(`https://localhost:${server.port}/`, false)).rejects.toMatchObject({ code: 'url_refused' })
    await expect(fetchUrl(`https://[::1]:${server6.port}/`, false)).rejects.toMatchObject({ code: 'url_refused' })
    expect(server.connections + server6.connections).toBe(0)
  })

  test('a name that the DNS answers with loopback is refused without a connection', async () => {
    const url = `http://rebinding.test:${server.port}/`
    await expect(fetchUrl(url, false, toLoopback)).rejects.toMatchObject({
      code: 'url_refused',
      message: expect.stringContaining('rebinding.test'),
    })
    expect(server.connections).toBe(0)
    expect(await fetchUrl(url, true, toLoopback)).toBe('inside')
  })

  test('a link-local address, where clouds keep credentials, is refused even then', async () => {
    for (const host of ['169.254.169.254', '[fe80::1]', '[::ffff:169.254.169.254]']) {
      await expect(fetchUrl(`http://${host}/`, true)).rejects.toMatchObject({ code: 'url_refused' })
    }
    const toMetadata: LookupFunction = (_hostname, _options, callback) => {
      callback(null, [{ address: '169.254.169.254', family: 4 }])
    }
    await expect(fetchUrl('http://metadata.test/', true, toMetadata)).rejects.toMatchObject({ code: 'url_refused' })
  })

  test('a redirect is checked like the first URL', async () => {
    for (const to of ['http://169.254.169.254/', 'file:///etc/passwd', 'http://user:secret@127.0.0.1/', 'http://[']) {
      const url = `http://127.0.0.1:${server.port}/to?${encodeURIComponent(to)}`
      await expect(fetchUrl(url, true)).rejects.toMatchObject({ code: 'url_refused' })
    }
  })
})
