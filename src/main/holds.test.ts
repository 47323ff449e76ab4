import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openHolds, takeHold } from './holds.ts'

/** A server's holds, and what its process would do: the last holder's connection closes when it ends. */
async function open() {
  const starter = new PassThrough()
  const holds = await openHolds(starter)
  let ended = false
  void holds.unused.then(() => {
    ended = true
  })
  return { starter, holds, address: holds.address, hasEnded: () => ended }
}

async function held(address: Parameters<typeof takeHold>[0]) {
  const hold = await takeHold(address)
  if (hold === undefined) throw new Error('It could not be held.')
  return hold
}

test('a server is unused when the process that started it has gone and nobody came', async () => {
  const { starter, holds } = await open()
  starter.end()
  await holds.unused
})

test('whoever holds it keeps it, also when the process that started it has gone; the last one ends it', async () => {
  const { starter, holds, address, hasEnded } = await open()
  const first = await held(address)
  const second = await held(address)
  starter.end()
  // Letting go is over at once where somebody else is left.
  await first.letGo()
  const third = await held(address)
  await second.letGo()
  expect(hasEnded()).toBe(false)
  // The last one waits for the process to end, which this one does not.
  void third.letGo()
  await holds.unused
})

test('a holder whose process dies has let go', async () => {
  const { starter, holds, address, hasEnded } = await open()
  const socket = connect(address.port, '127.0.0.1')
  socket.write(address.token)
  await once(socket, 'data')
  const other = await held(address)
  starter.end()
  await other.letGo()
  expect(hasEnded()).toBe(false)
  socket.resetAndDestroy()
  await holds.unused
})

test('nobody can take hold of a server that is ending', async () => {
  const { starter, holds, address } = await open()
  starter.end()
  await holds.unused
  expect(await takeHold(address)).toBeUndefined()
})

test('who does not know the token holds nothing', async () => {
  const { starter, holds, address } = await open()
  for (const token of ['', 'x', address.token.slice(1), `${address.token}x`, 'x'.repeat(address.token.length)]) {
    if (token !== '') expect(await takeHold({ ...address, token })).toBeUndefined()
  }
  starter.end()
  await holds.unused
})
