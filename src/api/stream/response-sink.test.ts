import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { createResponseSink } from './response-sink.ts'

/** The parts of a response that a sink uses; `stuck` stands for a reader that takes nothing. */
class TestResponse extends EventEmitter {
  chunks: string[] = []
  destroyed = false
  writableFinished = false
  writableLength = 0
  writableNeedDrain = false
  socket = { bytesWritten: 0 }
  stuck = false

  write(chunk: string): boolean {
    this.chunks.push(chunk)
    if (this.stuck) {
      this.writableLength += chunk.length
      this.writableNeedDrain = true
    } else this.socket.bytesWritten += chunk.length
    return !this.stuck
  }

  end(chunk: string): void {
    if (chunk !== '') this.write(chunk)
    this.writableFinished = !this.stuck
  }

  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

function open() {
  const response = new TestResponse()
  return { response, sink: createResponseSink(response as unknown as ServerResponse) }
}
const turn = () => new Promise(setImmediate)

test('frames of one turn of the event loop go out in one write, in order', async () => {
  const { response, sink } = open()
  sink.write('a')
  sink.write('b')
  expect(response.chunks).toEqual([])
  expect(sink.waitingBytes).toBe(2)
  await turn()
  sink.write('c')
  await turn()
  expect(response.chunks).toEqual(['ab', 'c'])
})

test('a great deal at once does not wait for the turn', () => {
  const { response, sink } = open()
  sink.write('x'.repeat(100_000))
  expect(response.chunks).toHaveLength(1)
})

test('the end takes along what was still to go', async () => {
  const { response, sink } = open()
  sink.write('a')
  sink.end('when_sent')
  await turn()
  expect(response.chunks).toEqual(['a'])
})

test('draining waits for the reader, or for its connection to be gone', async () => {
  for (const signal of ['drain', 'close']) {
    const { response, sink } = open()
    response.stuck = true
    sink.write('a')
    let drained = false
    const draining = sink.drained().then(() => {
      drained = true
    })
    await turn()
    expect(drained).toBe(false)
    response.emit(signal)
    await draining
    expect(response.eventNames()).toEqual([])
  }
})

test('a connection that takes nothing for eight beats is cut, one that takes a little is not', async () => {
  for (const [taking, cut] of [
    [0, true],
    [1, false],
  ] as const) {
    const { response, sink } = open()
    response.stuck = true
    sink.write('a')
    await turn()
    for (let beat = 0; beat < 20; beat += 1) {
      sink.beat()
      response.socket.bytesWritten += taking
    }
    expect(response.destroyed).toBe(cut)
  }
})

test('ending at once gives up a reader that is behind, and no other', async () => {
  for (const stuck of [true, false]) {
    const { response, sink } = open()
    response.stuck = stuck
    sink.write('a')
    sink.end('at_once')
    await turn()
    expect(response.destroyed).toBe(stuck)
  }
})
