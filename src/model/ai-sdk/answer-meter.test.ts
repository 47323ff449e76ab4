import { describe, expect, test } from 'vitest'
import { type AnswerMeter, answerLimits, createAnswerMeter } from './answer-meter.ts'

type Part = Parameters<AnswerMeter['keep']>[0]

const mebibyte = 1024 * 1024
const text = (length: number): Part => ({ type: 'text-delta', id: '0', text: 'x'.repeat(length) })
/** With the empty line that ends it. */
const event = (length: number) =>
  new Uint8Array(length).fill(120, 0, Math.max(0, length - 2)).fill(10, Math.max(0, length - 2))
const limits = {
  receivedBytesMax: 1_000,
  eventBytesMax: 300,
  eventValuesMax: 10,
  keptBytesMax: 1_000,
  toolCallsMax: 1_000,
}
const settings = { answerBytesPerTokenMax: 1024, toolCallsPerResponseMax: 1_000 }

describe('answerLimits', () => {
  test('grow with the tokens that may be answered with, and with the bytes that each may have', () => {
    const small = answerLimits({ outputTokensMax: 16 }, settings)
    const large = answerLimits({ outputTokensMax: 32_000 }, settings)
    expect(large.receivedBytesMax - small.receivedBytesMax).toBe((32_000 - 16) * 1024)
    expect(large.keptBytesMax - small.keptBytesMax).toBe((32_000 - 16) * 128)
    expect(
      answerLimits({ outputTokensMax: 32_000 }, { ...settings, answerBytesPerTokenMax: 2048 }).receivedBytesMax,
    ).toBe(mebibyte + 32_000 * 2048)
    expect(answerLimits({ outputTokensMax: null }, settings)).toEqual(large)
  })

  test('leave room for an error and for the frames around the shortest answer', () => {
    expect(answerLimits({ outputTokensMax: 16 }, settings).receivedBytesMax).toBeGreaterThan(mebibyte)
  })

  test.each([
    ['a token a frame, in the longest frames that providers send', 1, 4, 900],
    ['a character a frame, in short ones', 4, 1, 230],
  ])('let an answer of all its tokens pass: %s', (_, framesPerToken, chars, frameBytes) => {
    const tokens = 32_000
    const meter = createAnswerMeter(answerLimits({ outputTokensMax: tokens }, settings))
    for (let frame = 0; frame < tokens * framesPerToken; frame += 1) {
      expect(meter.receive(event(frameBytes), false) && meter.keep(text(chars))).toBe(true)
    }
  })
})

describe('what is received', () => {
  test('counts together, to the byte, whatever it is', () => {
    const meter = createAnswerMeter(limits)
    for (let at = 0; at < 10; at += 1) expect(meter.receive(event(100), false)).toBe(true)
    expect(meter.receive(event(1), false)).toBe(false)
  })

  test('may be more by what providers repeat of a request', () => {
    const meter = createAnswerMeter(limits)
    meter.request(50)
    for (let at = 0; at < 12; at += 1) expect(meter.receive(event(100), false)).toBe(true)
    expect(meter.receive(event(1), false)).toBe(false)
  })

  test('may not be one event that is longer than what is kept', () => {
    const meter = createAnswerMeter(limits)
    const half = new Uint8Array(150)
    expect(meter.receive(half, false)).toBe(true)
    expect(meter.receive(half, false)).toBe(true)
    expect(meter.receive(new Uint8Array(1), false)).toBe(false)
  })

  test('is one event until an empty line, however many lines it has', () => {
    const meter = createAnswerMeter(limits)
    const line = new Uint8Array(100).fill(120, 0, 99).fill(10, 99)
    for (let at = 0; at < 3; at += 1) expect(meter.receive(line, false)).toBe(true)
    expect(meter.receive(new Uint8Array([13, 10]), false)).toBe(false)
  })

  test.each([
    ['lists', 'data: [[],[],[],[],[],[]]\n\n'],
    ['objects over several lines', 'data: [{},{},\ndata: {},{},{},{}]\n\n'],
    ['what follows a text', 'data: ["a\\"b",[],[],[],[],[]]\n\n'],
    ['what follows a text that its line ends', 'data: "\ndata: [[],[],[],[],[],[]]\n\n'],
  ])('may not be one event of more JSON values than are parsed in one go: %s', (_, text) => {
    expect(createAnswerMeter(limits).receive(Buffer.from(text), false)).toBe(false)
  })

  test('counts no values in texts, and begins anew with each event', () => {
    const meter = createAnswerMeter(limits)
    for (let at = 0; at < 5; at += 1) {
      expect(meter.receive(Buffer.from('data: ["[{,[{,[{,\\"[{,[{,[{,",[],[],[]]\r\n\r\n'), false)).toBe(true)
    }
  })

  test('begins a new event after each empty line', () => {
    const meter = createAnswerMeter(limits)
    for (let at = 0; at < 3; at += 1) expect(meter.receive(event(299), false)).toBe(true)
    expect(meter.receive(new Uint8Array(101), false)).toBe(true)
  })

  test('is held whole where it is no stream, line breaks in it or not', () => {
    const meter = createAnswerMeter(limits)
    for (let at = 0; at < 3; at += 1) expect(meter.receive(event(100), true)).toBe(true)
    expect(meter.receive(event(1), true)).toBe(false)
  })
})

describe('what is kept', () => {
  const keptUntil = (part: Part) => {
    const meter = createAnswerMeter(limits)
    let count = 0
    while (meter.keep(part)) count += 1
    return count
  }
  const signed = { providerMetadata: { google: { thoughtSignature: 's'.repeat(400) } } }

  test.each<[string, Part, number]>([
    ['the text of a delta', text(476), 2],
    ['a delta for itself, however small', text(1), 40],
    ['reasoning', { type: 'reasoning-delta', id: '0', text: 'x'.repeat(476) }, 2],
    ['arguments of a tool', { type: 'tool-input-delta', id: '0', delta: 'x'.repeat(476) }, 2],
    ['signatures', { type: 'reasoning-end', id: '0', ...signed }, 2],
    ['a tool call, by what is made of it later', { type: 'tool-call', toolCallId: 'c', toolName: 't', input: {} }, 0],
    ['a source', { type: 'source', sourceType: 'url', id: '0', url: `https://example.test/${'x'.repeat(400)}` }, 2],
    ['the beginning of a part', { type: 'text-start', id: '0' }, 41],
  ])('counts %s', (_, part, count) => {
    expect(keptUntil(part)).toBe(count)
  })

  test('counts a file by its bytes', () => {
    const file = { base64: 'x'.repeat(476), uint8Array: new Uint8Array(), mediaType: 'image/png' }
    expect(keptUntil({ type: 'file', file })).toBe(2)
  })

  test('counts nothing for what speaks of the call', () => {
    const meter = createAnswerMeter({ ...limits, keptBytesMax: 0 })
    expect(meter.keep({ type: 'start' })).toBe(true)
  })
})

describe('tool calls', () => {
  const call: Part = { type: 'tool-call', toolCallId: 'c', toolName: 't', input: {} }
  const begun: Part = { type: 'tool-input-start', id: 'c', toolName: 't' }
  const calls = { ...limits, keptBytesMax: mebibyte, toolCallsMax: 2 }

  test.each([
    ['that begin', [begun]],
    ['that are complete', [call]],
    ['that begin and are complete, once each', [begun, call]],
  ])('%s are counted, and the limit that ended the answer is named', (_, parts) => {
    const meter = createAnswerMeter(calls)
    for (const part of [...parts, ...parts]) expect(meter.keep(part)).toBe(true)
    expect(meter.exceeded).toBe('answer_bytes_per_token_max')
    expect(meter.keep(parts[0] ?? call)).toBe(false)
    expect(meter.exceeded).toBe('tool_calls_per_response_max')
  })
})
