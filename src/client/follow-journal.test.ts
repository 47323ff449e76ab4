import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from './create-client.ts'
import type { FollowOptions } from './follow-journal.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server | undefined
afterEach(async () => {
  const open = server
  server = undefined
  open?.closeAllConnections()
  await new Promise<void>((resolve) => (open === undefined ? resolve() : open.close(() => resolve())))
})

const frame = (seq: number, type = 'message.added') =>
  `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ seq, type, run: null, attempt: null, at: '', data: {} })}\n\n`

const delta = (index: number, text: string, more: object = {}) =>
  `event: text.delta\ndata: ${JSON.stringify({ run: 'r', attempt: 1, step: 1, index, text, snapshot: false, ...more })}\n\n`

const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })

/** Sends the text and ends the stream by itself. */
const says =
  (...frames: string[]): Answer =>
  (_request, response) => {
    stream(response).end(frames.join(''))
  }

/** Sends the text and then breaks the connection, in the middle of whatever it was. */
const breaksAfter =
  (...frames: string[]): Answer =>
  (_request, response) => {
    stream(response).write(frames.join(''), () => response.destroy())
  }

const problem =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers })
    response.end(JSON.stringify({ status, code, title: code, detail: `It is ${code}.` }))
  }

/** A server that answers each request for events by the next of the answers, and says where the task stands. */
async function stub(answers: Answer[], task = { state: 'succeeded', last_seq: 3 }) {
  const asked: (string | undefined)[] = []
  server = createServer((request, response) => {
    if (!request.url?.endsWith('/events')) {
      response.end(JSON.stringify(task))
      return
    }
    asked.push(request.headers['last-event-id'] as string | undefined)
    const answer = answers.shift()
    if (answer === undefined) response.destroy()
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const waits: number[] = []
  const wait = async (ms: number, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted()
    waits.push(ms)
  }
  const client = createClient({ url: `http://127.0.0.1:${port}`, key: 'mdt_k', wait, random: () => 0 })
  const read = async (options: FollowOptions = {}) => {
    const seqs: number[] = []
    for await (const event of client.followJournal('t', options)) seqs.push(event.seq)
    return seqs
  }
  return { asked, waits, read, client }
}

describe('followJournal', () => {
  test('reads a stream to its end without asking again', async () => {
    const { read, asked, waits } = await stub([says(frame(1), ': heartbeat\n\n', frame(2), frame(3))])
    expect(await read()).toEqual([1, 2, 3])
    expect(asked).toEqual(['0'])
    expect(waits).toEqual([])
  })

  test('comes back after the last event when it is cut in the middle of a frame, and drops what is repeated', async () => {
    const { read, asked } = await stub([
      breaksAfter(frame(1), frame(2), frame(3).slice(0, 20)),
      says(frame(2), frame(2), frame(3)),
    ])
    expect(await read()).toEqual([1, 2, 3])
    expect(asked).toEqual(['0', '2'])
  })

  test('comes back when the stream ends before the task does', async () => {
    const { read, asked } = await stub([says(frame(1)), says(frame(2), frame(3))])
    expect(await read()).toEqual([1, 2, 3])
    expect(asked).toEqual(['0', '1'])
  })

  test('yields each event once and in order wherever the stream is cut', async () => {
    const whole = Array.from({ length: 6 }, (_, index) => frame(index + 1)).join('')
    const cut = fc.integer({ min: 0, max: whole.length })
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 4 }), async (cuts) => {
        const answers = cuts.map((at) => breaksAfter(whole.slice(0, at)))
        const { read, client } = await stub([...answers, says(whole)], { state: 'failed', last_seq: 6 })
        expect(client.url).toMatch(/^http/)
        expect(await read()).toEqual([1, 2, 3, 4, 5, 6])
        server?.closeAllConnections()
        await new Promise((resolve) => server?.close(resolve))
      }),
      { numRuns: 25 },
    )
  })

  test('begins after the seq it is given', async () => {
    const { read, asked } = await stub([says(frame(3))])
    expect(await read({ after: 2 })).toEqual([3])
    expect(asked).toEqual(['2'])
  })

  test.each([
    [401, 'unauthenticated'],
    [404, 'task_not_found'],
  ])('gives up at once on %i', async (status, code) => {
    const { read, asked, waits } = await stub([problem(status, code), says(frame(1))])
    await expect(read()).rejects.toMatchObject({ name: 'ClientError', status, code, detail: `It is ${code}.` })
    expect(asked).toHaveLength(1)
    expect(waits).toEqual([])
  })

  test('waits longer each time, as long as the server asks for, and gives up in the end', async () => {
    const { read, waits } = await stub([problem(503, 'overloaded', { 'retry-after': '60' })])
    await expect(read()).rejects.toMatchObject({ status: 0, code: 'unreachable' })
    expect(waits).toEqual([60_000, 250, 500, 1_000, 2_000, 4_000, 5_000])
  })

  test('counts its tries from the start again when something new came', async () => {
    const cuts = Array.from({ length: 12 }, (_, index) => breaksAfter(frame(index + 1)))
    const { read, waits } = await stub([...cuts, says(frame(13))], { state: 'failed', last_seq: 13 })
    expect(await read()).toHaveLength(13)
    expect(new Set(waits)).toEqual(new Set([125]))
  })

  test('gives up on a server that accepts and says nothing new', async () => {
    const { read, asked } = await stub(
      Array.from({ length: 20 }, () => says()),
      { state: 'running', last_seq: 0 },
    )
    await expect(read()).rejects.toMatchObject({ code: 'stream_ended' })
    expect(asked).toHaveLength(8)
  })

  test('hands out streamed text once, also when a snapshot repeats it', async () => {
    const { read } = await stub([
      breaksAfter(frame(1), delta(0, 'one'), delta(1, ' two')),
      says(delta(2, 'one two three', { snapshot: true }), delta(3, ' four'), frame(2), frame(3)),
    ])
    const texts: string[] = []
    await read({ onDelta: ({ type, data }) => texts.push(`${type}:${data.text}`) })
    expect(texts).toEqual(['text.delta:one', 'text.delta: two', 'text.delta: three', 'text.delta: four'])
  })

  test('holds text back after a gap, but not that of the next attempt', async () => {
    const { read } = await stub([
      says(delta(0, 'a'), delta(2, 'c'), delta(3, 'd'), delta(0, 'A', { attempt: 2 }), frame(1), frame(2), frame(3)),
    ])
    const texts: string[] = []
    await read({ onDelta: ({ data }) => texts.push(data.text) })
    expect(texts).toEqual(['a', 'A'])
  })

  test('takes a frame that it does not know in its stride', async () => {
    const { read } = await stub([says(frame(1, 'moon.rose'), 'event: other\ndata: no json\n\n', frame(2), frame(3))])
    expect(await read()).toEqual([1, 2, 3])
  })

  test('closes the connection when its reader stops', async () => {
    let closed: (() => void) | undefined
    const gone = new Promise<void>((resolve) => {
      closed = resolve
    })
    const { client } = await stub([
      (_request, response) => {
        stream(response).write(frame(1) + frame(2))
        response.on('close', () => closed?.())
      },
    ])
    for await (const _ of client.followJournal('t')) break
    await gone
  })

  test('throws the reason of an abort, also out of a wait', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const { read, waits } = await stub([breaksAfter(frame(1)), breaksAfter()])
    const onInterrupted = () => abort.abort(reason)
    await expect(read({ signal: abort.signal, onInterrupted })).rejects.toBe(reason)
    expect(waits).toEqual([])
  })
})
