import { EventEmitter } from 'node:events'
import type { WebSocket } from '@fastify/websocket'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../clock/fake/create-fake-clock.ts'
import { firstMessage, readFirstMessage } from './first-message.ts'

const refused = { code: 'unauthenticated' }

test.each([
  ['mdt_a', 'mdt_a', {}],
  ['  mdt_a\n', 'mdt_a', {}],
  ['{"key": "mdt_a"}', 'mdt_a', {}],
  [' {"key":"mdt_a","after":7}', 'mdt_a', { after: 7 }],
  ['{"api_key": "ck-a"}', 'ck-a', {}],
  ['{"api_key": "ck-a", "key": "ck-b"}', 'ck-b', {}],
])('%j brings a key', (text, credential, fields) => {
  expect(readFirstMessage(text)).toMatchObject({ credential, fields })
})

test.each(['', '  ', '{}', '{', '{"key": 7}', '{"key": null}', '{"after": 1}'])('%j brings none', (text) => {
  expect(readFirstMessage(text)).toBeUndefined()
})

/** A socket and a wait for its first message, of a second. */
function open() {
  const socket = new EventEmitter()
  const clock = createFakeClock()
  return { socket, clock, message: firstMessage(socket as WebSocket, clock, 1_000) }
}
const left = (socket: EventEmitter) => socket.listenerCount('message') + socket.listenerCount('close')

test('only the first message is looked at', async () => {
  const { socket, clock, message } = open()
  socket.emit('message', Buffer.from('{"key": "first"}'))
  socket.emit('message', Buffer.from('{"key": "second"}'))
  expect((await message).credential).toBe('first')
  expect([left(socket), clock.waiting]).toEqual([0, 0])
})

test('one without a key, none in time and a socket that closes are refused alike', async () => {
  const wrong = open()
  wrong.socket.emit('message', Buffer.from('{}'))
  wrong.socket.emit('message', Buffer.from('{"key": "second"}'))
  const late = open()
  late.clock.advance(1_000)
  const gone = open()
  gone.socket.emit('close')
  for (const { socket, clock, message } of [wrong, late, gone]) {
    await expect(message).rejects.toMatchObject(refused)
    expect([left(socket), clock.waiting]).toEqual([0, 0])
  }
})
