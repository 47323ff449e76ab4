import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { fetch } from 'undici'
import { describe, expect, test } from 'vitest'
import { AddressRefused, createGuardedDispatcher, guardedConnector } from './guarded-dispatcher.ts'

describe('the guarded connector', () => {
  const connectThrough = (remoteAddress: string | undefined, protocol = 'http:') => {
    const socket = new Socket()
    Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
    const asked: { protocol: string; port: string; upgraded: boolean }[] = []
    const connector = guardedConnector(
      (target, callback) => {
        asked.push({ protocol: target.protocol, port: target.port, upgraded: target.httpSocket !== undefined })
        callback(null, socket)
      },
      { allowPrivateNetwork: false },
    )
    const outcome = new Promise<{ error: Error | null; given: Socket | null }>((resolve) => {
      connector({ hostname: 'name.test', protocol, port: '' }, (error, given) => resolve({ error, given }))
    })
    return { socket, asked, outcome }
  }

  test.each(['127.0.0.1', '::1', '::ffff:10.0.0.1', undefined])(
    'a socket that reached %s after all is destroyed before it is used',
    async (remoteAddress) => {
      const { socket, asked, outcome } = connectThrough(remoteAddress, 'https:')
      expect(await outcome).toMatchObject({ error: { name: 'AddressRefused', host: 'name.test' }, given: null })
      expect(socket.destroyed).toBe(true)
      expect(asked).toEqual([{ protocol: 'http:', port: '443', upgraded: false }])
    },
  )

  test('a socket that reached a public address is handed on, to TLS where the URL says so', async () => {
    const plain = connectThrough('8.8.8.8')
    expect((await plain.outcome).given).toBe(plain.socket)
    expect(plain.asked).toEqual([{ protocol: 'http:', port: '80', upgraded: false }])
    const secure = connectThrough('8.8.8.8', 'https:')
    expect((await secure.outcome).given).toBe(secure.socket)
    expect(secure.asked.map((call) => call.upgraded)).toEqual([false, true])
  })
})

describe('the guarded dispatcher', () => {
  test('https speaks TLS, with the name of the host, over the checked connection', async () => {
    const greeted = new EventEmitter()
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (hello) => {
        socket.destroy()
        greeted.emit('hello', hello)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const dispatcher = await createGuardedDispatcher({
      allowPrivateNetwork: true,
      connectMs: 10_000,
      lookup: (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    const hello = once(greeted, 'hello')
    const { port } = server.address() as AddressInfo
    await expect(fetch(`https://name.test:${port}/`, { dispatcher })).rejects.toThrow('fetch failed')
    const [bytes] = await hello
    expect(bytes[0]).toBe(0x16)
    expect(bytes.includes('name.test')).toBe(true)
    await dispatcher.destroy()
    server.close()
    await once(server, 'close')
  })

  test('the refusal is the cause of the failed fetch', async () => {
    const dispatcher = await createGuardedDispatcher({ allowPrivateNetwork: false, connectMs: 10_000 })
    const failure = await fetch('http://127.0.0.1:8080/', { dispatcher }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ cause: expect.any(AddressRefused) })
    await dispatcher.destroy()
  })
})
