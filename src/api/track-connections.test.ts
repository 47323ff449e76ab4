import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { trackConnections } from './track-connections.ts'

let server: Server
let answer: PromiseWithResolvers<void>
let tracked: ReturnType<typeof trackConnections>
const sockets: Socket[] = []
beforeEach(async () => {
  answer = Promise.withResolvers()
  server = createServer(async (_request, response) => {
    await answer.promise
    response.end('answer')
  })
  tracked = trackConnections(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A connection, known to the server. */
async function open(): Promise<{ socket: Socket; received: Promise<string> }> {
  const { port } = server.address() as AddressInfo
  const connected = new Promise((resolve) => server.once('connection', resolve))
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  const received = new Promise<string>((resolve) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (part) => {
      text += part
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  await connected
  return { socket, received }
}

const close = () => new Promise((resolve) => server.close(resolve))
const request = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

test('a connection that was never used does not hold up the stop', async () => {
  const { received } = await open()
  const closed = close()
  tracked.release()
  expect(await received).toBe('')
  await closed
})

test('an answer under way goes out whole, and its connection is not kept alive', async () => {
  const { socket, received } = await open()
  const asked = new Promise((resolve) => server.once('request', resolve))
  socket.write(request)
  await asked
  const closed = close()
  tracked.release()
  answer.resolve()
  expect(await received).toMatch(/\r\n\r\nanswer$|\r\nanswer\r\n0\r\n\r\n$/)
  await closed
})

test('a connection that waits for the next request is ended', async () => {
  answer.resolve()
  const { socket, received } = await open()
  const answered = new Promise((resolve) => socket.once('data', resolve))
  socket.write(request)
  await answered
  const closed = close()
  tracked.release()
  expect(await received).toContain('answer')
  await closed
})
