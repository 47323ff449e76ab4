import { beforeEach, expect, test } from 'vitest'
import type { Delta, Live } from '../../live/live.ts'
import type { DeltaGate } from './delta-gate.ts'
import { createDeltaRelay } from './delta-relay.ts'
import type { StreamSink } from './stream-sink.ts'

/** A live that keeps the text so far, as the real one does. */
function createTestLive() {
  const listeners = new Set<(delta: Delta) => void>()
  let text = ''
  let index = -1
  const live: Live = {
    publish(delta) {
      text += delta.text
      index = delta.index
      for (const callback of listeners) callback(delta)
    },
    settle: () => undefined,
    listen(_task, callback) {
      if (text !== '') callback({ ...delta(index, text), snapshot: true })
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  }
  return { live, listeners }
}

function createTestSink() {
  const frames: string[] = []
  let drain: (() => void) | undefined
  const state = { waitingBytes: 0 }
  const sink: StreamSink = {
    write: (frame) => frames.push(frame),
    get waitingBytes() {
      return state.waitingBytes
    },
    drained: () =>
      new Promise((resolve) => {
        drain = resolve
      }),
    beat: () => undefined,
    end: () => undefined,
  }
  return { sink, frames, state, drain: () => drain?.() }
}

const delta = (index: number, text = `t${index}`): Delta => ({
  task: 't',
  run: 'r',
  attempt: 1,
  step: 1,
  index,
  kind: 'text.delta',
  action: null,
  text,
  snapshot: false,
})

let verdict: 'show' | 'hold' | 'drop'
const gate: DeltaGate = { shown: () => undefined, judge: () => verdict }
beforeEach(() => {
  verdict = 'show'
})

function open(bufferBytesMax = 10_000) {
  const { live, listeners } = createTestLive()
  const frame = ({ snapshot, text }: Delta) => (snapshot ? `all:${text}` : text)
  const relay = createDeltaRelay({ live, taskId: 't', gate, frame, bufferBytesMax })
  return { ...createTestSink(), live, listeners, relay }
}

test('deltas pass in order, one frame each', () => {
  const { live, relay, sink, frames } = open()
  relay.attach(sink)
  live.publish(delta(0))
  live.publish(delta(1))
  expect(frames).toEqual(['t0', 't1'])
})

test('what comes before its place is held and shown in it', () => {
  const { live, relay, sink, frames } = open()
  live.publish(delta(0))
  relay.attach(sink)
  verdict = 'hold'
  live.publish(delta(1))
  relay.release()
  expect(frames).toEqual([])
  verdict = 'show'
  relay.release()
  expect(frames).toEqual(['t0', 't1'])
})

test('holding too much drops it, and a snapshot makes it good', () => {
  const { live, relay, sink, frames } = open(400)
  verdict = 'hold'
  relay.attach(sink)
  for (let index = 0; index < 5; index += 1) live.publish(delta(index))
  verdict = 'show'
  relay.release()
  expect(frames).toEqual(['all:t0t1t2t3t4'])
  live.publish(delta(5))
  expect(frames.at(-1)).toBe('t5')
})

test('a slow reader is sent no delta until it has drained, and then all the text so far', async () => {
  const { live, relay, sink, frames, state, drain } = open(400)
  relay.attach(sink)
  state.waitingBytes = 500
  live.publish(delta(0))
  for (let index = 1; index < 100; index += 1) live.publish(delta(index, 'x'))
  relay.release()
  expect(frames).toEqual(['t0'])
  state.waitingBytes = 0
  drain()
  await Promise.resolve()
  expect(frames).toEqual(['t0', `all:t0${'x'.repeat(99)}`])
})

test('a text so far that is itself too much is not sent again and again', () => {
  const { live, relay, sink, frames } = open(400)
  live.publish(delta(0, 'x'.repeat(1_000)))
  relay.attach(sink)
  relay.release()
  live.publish(delta(1))
  expect(frames).toEqual([])
})

test('after closing nothing is listened to', () => {
  const { live, relay, listeners, sink, frames } = open()
  relay.attach(sink)
  relay.close()
  live.publish(delta(0))
  relay.release()
  expect(frames).toEqual([])
  expect(listeners.size).toBe(0)
})
