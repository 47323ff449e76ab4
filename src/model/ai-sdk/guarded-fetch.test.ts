import { afterEach, expect, test, vi } from 'vitest'
import { createFakeClock } from '../../clock/fake/create-fake-clock.ts'
import { answerLimits, createAnswerMeter } from './answer-meter.ts'
import { guardFetch } from './guarded-fetch.ts'

afterEach(() => vi.unstubAllGlobals())

const kibibyte = 1024
const timeouts = { firstByteMs: 1_000, idleMs: 1_000, totalMs: 1_000 }

/** A guarded fetch that is answered with these chunks, each at once. */
function open(chunks: readonly Uint8Array[], outputTokensMax = 1_000, status = 200) {
  vi.stubGlobal('fetch', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      },
    })
    return new Response(body, { status, headers: { 'content-type': 'text/event-stream' } })
  })
  return guardFetch({
    settings: { name: 'local', baseUrl: 'http://127.0.0.1:1/v1' },
    call: { timeouts, signal: new AbortController().signal },
    meter: createAnswerMeter(
      answerLimits({ outputTokensMax }, { answerBytesPerTokenMax: kibibyte, toolCallsPerResponseMax: 1_000 }),
    ),
    timer: createFakeClock(),
  })
}

test('what comes in one piece is handed on in small ones, and everything else has a turn between them', async () => {
  const guarded = open([new Uint8Array(100 * kibibyte).fill(10), new Uint8Array(5).fill(10)])
  const { body } = await guarded.fetch('http://127.0.0.1:1/v1/chat')
  let turns = 0
  let counting = true
  const count = () => {
    turns += 1
    if (counting) setImmediate(count)
  }
  setImmediate(count)
  const sizes: number[] = []
  for await (const piece of body ?? []) sizes.push(piece.length)
  counting = false
  guarded.close()
  expect(sizes).toEqual([...Array(6).fill(16 * kibibyte), 4 * kibibyte, 5])
  expect(turns).toBeGreaterThanOrEqual(sizes.length)
})

test('what is more than the answer may be is not handed on, and ends the call', async () => {
  const chunk = new Uint8Array(kibibyte * kibibyte).fill(10)
  const guarded = open([chunk, chunk, chunk], 16)
  const { body } = await guarded.fetch('http://127.0.0.1:1/v1/chat', { body: '', method: 'POST' })
  let bytes = 0
  const reading = (async () => {
    for await (const piece of body ?? []) bytes += piece.length
  })()
  await expect(reading).rejects.toMatchObject({ code: 'answer_too_long' })
  expect(bytes).toBe(chunk.length)
  expect(guarded.failure).toMatchObject({ code: 'answer_too_long' })
  expect(guarded.signal.aborted).toBe(true)
  guarded.close()
})

test.each([
  [200, 'may be as long as all its lines together', 4],
  [500, 'may not, as it is held whole', undefined],
])('a body with the status %i %s', async (status, _, mebibytes) => {
  const chunk = new Uint8Array(kibibyte * kibibyte).fill(10)
  const guarded = open(Array(4).fill(chunk), 10_000, status)
  const { body } = await guarded.fetch('http://127.0.0.1:1/v1/chat')
  let bytes = 0
  const reading = (async () => {
    for await (const piece of body ?? []) bytes += piece.length
    return bytes / chunk.length
  })()
  expect(await reading.catch(() => undefined)).toBe(mebibytes)
  guarded.close()
})

test('the length of the request lets the answer repeat it', async () => {
  const chunk = new Uint8Array(kibibyte * kibibyte).fill(10)
  const guarded = open([chunk, chunk, chunk], 16)
  const request = { body: 'x'.repeat(kibibyte * kibibyte), method: 'POST' }
  const { body } = await guarded.fetch('http://127.0.0.1:1/v1/chat', request)
  let bytes = 0
  for await (const piece of body ?? []) bytes += piece.length
  expect(bytes).toBe(3 * chunk.length)
  guarded.close()
})
