import { EventEmitter, once } from 'node:events'
import type { RequestListener } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testFetchLimits } from '../../../../test/support/tool-limits.ts'
import { createFakeClock, type FakeClock } from '../../../clock/fake/create-fake-clock.ts'
import { createFetchUrl } from './create-fetch-url.ts'
import type { FetchLimits } from './fetch-limits.ts'
import { startTestServer, type TestServer } from './test-server.ts'

describe('fetch_url', () => {
  let server: TestServer
  let clock: FakeClock
  let answer: RequestListener
  let cancel: AbortController

  beforeEach(async () => {
    clock = createFakeClock()
    cancel = new AbortController()
    server = await startTestServer((request, response) => answer(request, response))
  })
  afterEach(async () => {
    await server.close()
    expect(clock.waiting).toBe(0)
  })

  const fetchUrl = async (path: string, limits: Partial<FetchLimits> = {}) => {
    const options = { version: '1.2.3', allowPrivateNetwork: true, limits: { ...testFetchLimits, ...limits } }
    const tool = createFetchUrl(options)
    const url = /^\/(?!\/)/.test(path) ? `http://127.0.0.1:${server.port}${path}` : path
    const workspace = () => Promise.reject(new Error('no workspace'))
    return (await tool.perform({ url }, { workspace, signal: cancel.signal, clock, progress: () => {} })).output
  }
  const serve = (type: string | undefined, body: string | Uint8Array) => {
    answer = (_request, response) => {
      if (type !== undefined) response.setHeader('content-type', type)
      response.end(body)
    }
  }

  test.each([
    ['text/plain; charset=utf-8', 'héllo\n'],
    ['application/json', '{"a": [1,  2]}'],
    ['application/problem+json; charset="UTF-8"', '{}'],
    ['text/csv', 'a;b'],
    [undefined, 'no type at all'],
  ])('%s is given as it is', async (type, body) => {
    serve(type, body)
    expect(await fetchUrl('/')).toBe(body)
  })

  test('HTML becomes Markdown, with its title and absolute links', async () => {
    serve(
      'text/html',
      '<html><head><title>Report</title></head><body><p>See <a href="/more">more</a>.</p></body></html>',
    )
    expect(await fetchUrl('/a/b')).toBe(`# Report\n\nSee [more](http://127.0.0.1:${server.port}/more).`)
  })

  test('a page without text is said to have none', async () => {
    serve('text/html', '<script>1</script>')
    expect(await fetchUrl('/')).toBe('The page holds no text.')
  })

  test('the charset of the header, or of the page, decides', async () => {
    serve('text/plain; charset=iso-8859-1', Buffer.from([0xe9]))
    expect(await fetchUrl('/')).toBe('é')
    serve('text/html', Buffer.concat([Buffer.from('<meta charset="windows-1252"><p>'), Buffer.from([0x80])]))
    expect(await fetchUrl('/')).toBe('€')
    serve('text/plain; charset=utf-16le', Buffer.from('ab', 'utf16le'))
    expect(await fetchUrl('/')).toBe('ab')
    serve('text/plain; charset=nonsense', 'é')
    expect(await fetchUrl('/')).toBe('é')
  })

  test.each([
    ['image/png', 'x', 'is image/png'],
    ['application/octet-stream', 'x', 'is application/octet-stream'],
    ['text/plain', Buffer.from([65, 0, 66]), 'is binary data'],
    [undefined, Buffer.from([0xff, 0xfe, 0xfd]), 'is binary data'],
  ])('%s that is no text is refused by its name', async (type, body, told) => {
    serve(type, body)
    await expect(fetchUrl('/')).rejects.toMatchObject({ code: 'type_refused', message: expect.stringContaining(told) })
  })

  test('it says who asks, sends no credentials and asks by GET', async () => {
    let seen: unknown
    answer = (request, response) => {
      const { cookie, authorization, 'user-agent': agent } = request.headers
      seen = { method: request.method, agent, cookie, authorization }
      response.setHeader('set-cookie', 'a=b')
      if (request.url === '/1') response.writeHead(302, { location: '/2' })
      response.end()
    }
    await fetchUrl('/1')
    expect(seen).toEqual({ method: 'GET', agent: 'Mandate/1.2.3', cookie: undefined, authorization: undefined })
  })

  test.each([
    'ftp://example.test/',
    'file:///etc/passwd',
    'data:text/plain,hi',
    'javascript:1',
    'http://user:pw@example.test/',
    'http://user@example.test/',
    'http://example.test../',
    'http://.example.test/',
    'example.test/page',
    '//example.test/',
    '',
    `http://example.test/${'a'.repeat(9000)}`,
  ])('%.40s is refused', async (url) => {
    await expect(fetchUrl(url)).rejects.toMatchObject({ name: 'ToolError', code: 'url_refused' })
  })

  test('redirects are followed, relative ones too, up to the limit', async () => {
    answer = (request, response) => {
      const left = Number(request.url?.slice(1))
      if (left > 0) response.writeHead(left % 2 === 0 ? 301 : 308, { location: `/${left - 1}` })
      else response.setHeader('content-type', 'text/plain')
      response.end('end')
    }
    expect(await fetchUrl('/5')).toBe('end')
    await expect(fetchUrl('/6')).rejects.toMatchObject({ code: 'too_many_redirects' })
  })

  test('a redirect loop ends', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/' }).end()
    await expect(fetchUrl('/')).rejects.toMatchObject({ code: 'too_many_redirects' })
  })

  test('an error status is told', async () => {
    answer = (_request, response) => response.writeHead(404).end('nothing here')
    await expect(fetchUrl('/x')).rejects.toMatchObject({
      code: 'http_error',
      message: `http://127.0.0.1:${server.port}/x answered 404 Not Found.`,
    })
  })

  test('nobody listening is told', async () => {
    const { port } = server
    await server.close()
    await expect(fetchUrl(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'fetch_failed',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    server = await startTestServer(() => {})
  })

  test('a connection cut in the middle of a body is told', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' }).write('half')
      response.socket?.end()
    }
    await expect(fetchUrl('/')).rejects.toMatchObject({ code: 'fetch_failed' })
  })

  describe('a body that is packed', () => {
    const text = 'all of the page '.repeat(5_000)
    const servePacked = (encoding: string, body: Uint8Array) => {
      answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding }).end(body)
      }
    }
    const packed: [string, Uint8Array][] = [
      ['gzip', gzipSync(text)],
      ['x-gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['br', brotliCompressSync(text)],
      ['zstd', zstdCompressSync(text)],
      ['GZIP, br', brotliCompressSync(gzipSync(text))],
    ]

    test.each(packed)('by %s is unpacked', async (encoding, body) => {
      servePacked(encoding, body)
      expect(await fetchUrl('/')).toBe(text)
    })

    test.each(
      packed.flatMap(([encoding, body]) =>
        [0, 1, body.length - 9, body.length - 1].map((end) => [encoding, end, body] as const),
      ),
    )('by %s and cut short after %i bytes is a failure, not a shorter page', async (encoding, end, body) => {
      servePacked(encoding, body.subarray(0, end))
      await expect(fetchUrl('/')).rejects.toMatchObject({
        code: 'fetch_failed',
        message: expect.stringContaining('its body was cut short'),
      })
    })

    test('and is not what it says is a failure', async () => {
      servePacked('gzip', Buffer.from('plain text'))
      await expect(fetchUrl('/')).rejects.toMatchObject({ code: 'fetch_failed' })
    })

    test.each(['compress', 'constructor', 'gzip, gzip, gzip, gzip'])(
      'by %s is refused by its name',
      async (encoding) => {
        servePacked(encoding, Buffer.from('x'))
        await expect(fetchUrl('/')).rejects.toMatchObject({
          code: 'type_refused',
          message: expect.stringContaining(`is encoded as ${encoding},`),
        })
      },
    )

    test('by nothing, and says so, is as it is', async () => {
      servePacked('identity', Buffer.from('plain text'))
      expect(await fetchUrl('/')).toBe('plain text')
    })
  })

  describe('a body above the limit', () => {
    test('is refused by its announced length before it is read', async () => {
      serve('text/plain', 'x'.repeat(101))
      await expect(fetchUrl('/', { bodyBytesMax: 100 })).rejects.toMatchObject({ code: 'body_too_large' })
      serve('text/plain', 'x'.repeat(100))
      expect(await fetchUrl('/', { bodyBytesMax: 100 })).toHaveLength(100)
    })

    test('is refused while it comes, and the connection is cut', async () => {
      const cut = new EventEmitter()
      answer = (_request, response) => {
        response.on('error', () => {})
        const pump = () => {
          while (response.write('x'.repeat(10_000)));
        }
        response.on('drain', pump).on('close', () => cut.emit('cut'))
        pump()
      }
      const closed = once(cut, 'cut')
      await expect(fetchUrl('/', { bodyBytesMax: 50_000 })).rejects.toMatchObject({ code: 'body_too_large' })
      await closed
    })

    test('is refused by what it unpacks to', async () => {
      const packed = gzipSync(Buffer.alloc(1_000_000))
      answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(packed)
      }
      await expect(fetchUrl('/', { bodyBytesMax: 100_000 })).rejects.toMatchObject({ code: 'body_too_large' })
    })

    test('is refused as a page by the smaller limit of the converter', async () => {
      serve('text/html', 'x'.repeat(101))
      await expect(fetchUrl('/', { htmlBytesMax: 100 })).rejects.toMatchObject({ code: 'page_too_large' })
    })
  })

  describe('a server that never ends', () => {
    const signals = new EventEmitter()
    const slowBody: RequestListener = (_request, response) => {
      response.on('close', () => signals.emit('cut'))
      response.writeHead(200, { 'content-type': 'text/plain' }).write('first', () => signals.emit('asked'))
    }
    const silent: RequestListener = (_request, response) => {
      response.on('close', () => signals.emit('cut'))
      signals.emit('asked')
    }

    test.each([
      ['silent', silent],
      ['slow', slowBody],
    ])('a %s one is given up at the time limit, and the connection is cut', async (_, listener) => {
      answer = listener
      const asked = once(signals, 'asked')
      const cut = once(signals, 'cut')
      const fetching = expect(fetchUrl('/', { fetchMs: 5000 })).rejects.toMatchObject({ code: 'timeout' })
      await asked
      clock.advance(5000)
      await fetching
      await cut
    })

    test.each([
      ['silent', silent],
      ['slow', slowBody],
    ])('a %s one is left as soon as the action is aborted', async (_, listener) => {
      answer = listener
      const asked = once(signals, 'asked')
      const cut = once(signals, 'cut')
      const reason = new Error('cancelled')
      const fetching = expect(fetchUrl('/')).rejects.toBe(reason)
      await asked
      cancel.abort(reason)
      await fetching
      await cut
    })
  })
})
