import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import {
  type Frame,
  type FrameReader,
  NotAStream,
  openSlowConnection,
  readSocket,
  readSse,
} from '../../support/read-stream.ts'
import { until } from '../../support/until.ts'

let world: World
let address = ''
const readers: { close(): void }[] = []
const open = async (options: WorldOptions = {}) => {
  world = await createWorld(options)
  address = await world.listen()
  return world
}
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  await world.close()
})

const eventsUrl = (id: string, query = '') => `${address}/mandate/v1/tasks/${id}/events${query}`
const sse = async (id: string, query = '', headers = {}): Promise<FrameReader> => {
  const reader = await readSse(eventsUrl(id, query), { ...world.admin.headers, ...headers })
  readers.push(reader)
  return reader
}
const socket = (id: string, query = '') => {
  const reader = readSocket(eventsUrl(id, query), world.admin.headers)
  readers.push(reader)
  return reader
}
const submit = async (input: string) => (await world.call('POST', '/v1/tasks', { input })).json().id as string
const committed = (frames: readonly Frame[]) => frames.filter(({ seq }) => seq !== undefined)
const deltas = (frames: readonly Frame[]) => frames.filter(({ seq }) => seq === undefined)

/** A task that does all kinds of things. */
const busy = 'write one two to a.txt then count the words in a.txt then read missing.txt then say and out in 40 tokens'

describe('the three transports', () => {
  test('carry the same events with the same seq', async () => {
    const { readEvents } = await open()
    const id = await submit(busy)
    const streams = [await sse(id), socket(id)]
    const live = await Promise.all(streams.map(async (stream) => committed(await stream.all())))
    const page = await readEvents(id)
    expect(page.map(({ seq }) => seq)).toEqual(page.map((_, at) => at + 1))
    expect(page.at(-1)?.type).toBe('run.succeeded')
    for (const frames of [...live, committed(await (await sse(id)).all()), committed(await socket(id).all())]) {
      expect(frames.map(({ data }) => data)).toEqual(page)
      expect(frames.map(({ seq, type }) => [seq, type])).toEqual(page.map(({ seq, type }) => [seq, type]))
    }
  })

  test('carry on at any point: by after, by Last-Event-ID, and page by page', async () => {
    const { call, runTask, readEvents } = await open()
    const { id, last_seq } = await runTask({ input: busy })
    const whole = await readEvents(id)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: last_seq - 1 }),
        fc.integer({ min: 1, max: 7 }),
        async (seen, limit) => {
          const rest = whole.slice(seen)
          const byHeader = await sse(id, '?after=0', { 'last-event-id': String(seen) })
          const streams = [await sse(id, `?after=${seen}`), byHeader, socket(id, `?after=${seen}`)]
          for (const stream of streams) expect(committed(await stream.all()).map(({ data }) => data)).toEqual(rest)
          let after = seen
          const paged = []
          for (let more = true; more; ) {
            const page = (await call('GET', `/v1/tasks/${id}/events?after=${after}&limit=${limit}`)).json()
            paged.push(...page.events)
            after = page.events.at(-1).seq
            more = page.has_more
          }
          expect(paged).toEqual(rest)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('tell a task that is cut off nothing less after it was taken up', async () => {
    const { readEvents } = await open()
    const id = await submit(busy)
    const collected: Frame[] = []
    for (let seen = 0; ; ) {
      const stream = await sse(id, `?after=${seen}`).catch((error) => {
        if (error instanceof NotAStream && error.response.status === 204) return undefined
        throw error
      })
      if (stream === undefined) break
      const frames = await stream.until(({ seq }) => seq !== undefined)
      stream.close()
      collected.push(...committed(frames))
      seen = collected.at(-1)?.seq ?? seen
    }
    expect(collected.map(({ data }) => data)).toEqual(await readEvents(id))
  })
})

describe('deltas', () => {
  test('are shown before the committed event that holds the whole, and join to it', async () => {
    await open()
    const init = { method: 'POST', body: JSON.stringify({ input: 'say hello there in 200 tokens' }) }
    const headers = { ...world.admin.headers, 'content-type': 'application/json' }
    const stream = await readSse(`${address}/v1/tasks`, headers, init)
    readers.push(stream)
    const frames = await stream.all()
    const types = frames.map(({ type }) => type)
    expect(types.lastIndexOf('text.delta')).toBeLessThan(types.indexOf('model.responded'))
    expect(types.indexOf('text.delta')).toBeGreaterThan(types.indexOf('step.started'))
    const responded = frames.find(({ type }) => type === 'model.responded')?.data as { data: { text: string } }
    expect(
      deltas(frames)
        .map(({ data }) => data['text'])
        .join(''),
    ).toBe(responded.data.text)
    expect(deltas(frames).map(({ data }) => data['index'])).toEqual(Array.from({ length: 200 }, (_, at) => at))
    expect(committed(frames).map(({ seq }) => seq)).toEqual(committed(frames).map((_, at) => at + 1))
  })

  test('begin with all the text so far for who comes late', async () => {
    const pushed = createPushedModels()
    await open({ models: pushed.models })
    const id = await submit('x')
    const early = await sse(id)
    for (const text of ['a', 'b', 'c']) pushed.say(text)
    await early.until(({ data }) => data['text'] === 'c')
    const late = [await sse(id), socket(id)]
    for (const stream of late) {
      const [first] = deltas(await stream.until(({ seq }) => seq === undefined))
      expect(first).toMatchObject({
        type: 'text.delta',
        data: { index: 2, text: 'abc', snapshot: true, step: 1, attempt: 1 },
      })
    }
    pushed.say('d')
    for (const stream of [early, ...late]) {
      expect((await stream.until(({ seq }) => seq === undefined)).at(-1)?.data).toMatchObject({
        index: 3,
        text: 'd',
        snapshot: false,
      })
    }
    pushed.end()
    for (const stream of [early, ...late]) expect((await stream.all()).at(-1)?.type).toBe('run.succeeded')
  })

  test('of a text that has been committed are not shown again', async () => {
    const { runTask } = await open()
    const { id } = await runTask({ input: 'say hello in 50 tokens' })
    expect(deltas(await (await sse(id)).all())).toEqual([])
  })
})

describe('a stream', () => {
  test('ends when the run ends, and with follow goes on into the next one', async () => {
    const { call, runTask } = await open()
    const { id, last_seq } = await runTask({ input: 'say one' })
    const following = await sse(id, `?after=${last_seq}&follow=true`)
    await call('POST', `/v1/tasks/${id}/messages`, { input: 'say two' })
    const frames = committed(await following.until(({ type }) => type === 'run.succeeded'))
    expect(frames[0]).toMatchObject({ type: 'message.added', seq: last_seq + 1 })
  })

  test('of a further message begins with that message', async () => {
    const { runTask } = await open()
    const { id, last_seq } = await runTask({ input: 'say one' })
    const init = { method: 'POST', body: JSON.stringify({ input: 'say two' }) }
    const headers = { ...world.admin.headers, 'content-type': 'application/json' }
    const stream = await readSse(`${address}/v1/tasks/${id}/messages`, headers, init)
    const frames = committed(await stream.all())
    expect(frames[0]).toMatchObject({ type: 'message.added', seq: last_seq + 1 })
    expect(frames.at(-1)?.type).toBe('run.succeeded')
  })

  test('of an ended task that was seen to its end is 204, so that a browser stops asking', async () => {
    const { runTask } = await open()
    const { id, last_seq } = await runTask({ input: 'say one' })
    const headers = { ...world.admin.headers, accept: 'text/event-stream', 'last-event-id': String(last_seq) }
    const answer = await fetch(eventsUrl(id), { headers })
    expect([answer.status, await answer.text()]).toEqual([204, ''])
  })

  test('is refused with a status, before any header of a stream', async () => {
    const { runTask, deps } = await open()
    const { id, last_seq } = await runTask({ input: 'say one' })
    const ask = async (url: string, headers = {}) => {
      const answer = await fetch(url, { headers: { ...world.admin.headers, accept: 'text/event-stream', ...headers } })
      return [answer.status, answer.headers.get('content-type'), ((await answer.json()) as { code: string }).code]
    }
    const problem = expect.stringContaining('application/problem+json')
    expect(await ask(eventsUrl(deps.randomness.newId()))).toEqual([404, problem, 'task_not_found'])
    expect(await ask(eventsUrl(id), { 'last-event-id': 'x' })).toEqual([422, problem, 'invalid_input'])
    expect(await ask(eventsUrl(id, `?after=${last_seq + 1}`))).toEqual([422, problem, 'invalid_input'])
    expect(await ask(eventsUrl(id), { authorization: 'Bearer x' })).toEqual([401, problem, 'unauthenticated'])
  })

  test('past streams_max is refused by name, and its place is given back', async () => {
    const pushed = createPushedModels()
    await open({ models: pushed.models, limits: { streams_max: 1 } })
    const id = await submit('x')
    const first = await sse(id)
    const refused = await fetch(eventsUrl(id), { headers: { ...world.admin.headers, accept: 'text/event-stream' } })
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ code: 'limit_exceeded', limit: 'streams_max' })
    expect(refused.headers.get('retry-after')).toBe('5')
    await expect(socket(id).closed).rejects.toThrow('429')
    const headers = { ...world.admin.headers, accept: 'text/event-stream', 'content-type': 'application/json' }
    const submitted = await fetch(`${address}/v1/tasks`, { method: 'POST', headers, body: '{"input":"never made"}' })
    expect([submitted.status, ((await submitted.json()) as { limit: string }).limit]).toEqual([429, 'streams_max'])
    expect((await world.call('GET', '/v1/tasks')).json().tasks).toHaveLength(1)
    first.close()
    const second = await until('the place of the first stream', () => sse(id).catch(() => undefined))
    pushed.end()
    expect((await second.all()).at(-1)?.type).toBe('run.succeeded')
  })

  test('beats while nothing happens', async () => {
    const clock = createFakeClock()
    const pushed = createPushedModels()
    await open({ models: pushed.models, clock })
    const id = await submit('x')
    const response = await fetch(eventsUrl(id), { headers: { ...world.admin.headers, accept: 'text/event-stream' } })
    const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const read = async (mark: string) => {
      while (!text.includes(mark)) text += (await chunks?.read())?.value ?? ''
    }
    await read('run.claimed')
    text = ''
    const pings = new Promise((resolve) => {
      const reader = socket(id)
      reader.socket.on('ping', resolve)
      void reader.until(({ type }) => type === 'run.claimed').then(() => clock.advance(15_000))
    })
    await read(':\n\n')
    await pings
    await chunks?.cancel()
  })
})

describe('a WebSocket', () => {
  test('takes its key in a header, in the address, or in the first message', async () => {
    const { runTask, admin, readEvents } = await open()
    const { id } = await runTask({ input: 'say one' })
    const page = await readEvents(id)
    const byAddress = readSocket(eventsUrl(id, `?api_key=${admin.key}`).replace('/mandate', ''))
    const byMessage = readSocket(eventsUrl(id))
    byMessage.socket.on('open', () => byMessage.socket.send(JSON.stringify({ key: admin.key, after: 2 })))
    expect((await byAddress.all()).map(({ data }) => data)).toEqual(page)
    expect((await byMessage.all()).map(({ data }) => data)).toEqual(page.slice(2))
    expect([await byAddress.closed, await byMessage.closed]).toEqual([1000, 1000])
  })

  test('that brings a wrong key is refused before the upgrade, or with a last message', async () => {
    const { runTask } = await open()
    const { id } = await runTask({ input: 'say one' })
    await expect(readSocket(eventsUrl(id), { authorization: 'Bearer x' }).closed).rejects.toThrow('401')
    await expect(readSocket(eventsUrl(id, '?api_key=x')).closed).rejects.toThrow('401')
    for (const message of ['{"key":"x"}', 'hello', '{}', 'null']) {
      const reader = readSocket(eventsUrl(id))
      reader.socket.on('open', () => reader.socket.send(message))
      expect(await reader.all()).toEqual([
        { seq: undefined, type: 'problem', data: expect.objectContaining({ code: 'unauthenticated', status: 401 }) },
      ])
      expect(await reader.closed).toBe(4401)
    }
  })

  test('that brings no key in time is closed', async () => {
    const clock = createFakeClock()
    await open({ clock })
    const reader = readSocket(eventsUrl(world.deps.randomness.newId()))
    await new Promise((resolve) => reader.socket.on('open', resolve))
    await until('the socket to be waited for', () => clock.waiting > 0)
    clock.advance(10_000)
    expect(await reader.closed).toBe(4401)
  })

  test('to a task that is not there is refused', async () => {
    const { admin, deps } = await open()
    const nowhere = eventsUrl(deps.randomness.newId())
    await expect(readSocket(nowhere, admin.headers).closed).rejects.toThrow('404')
    const reader = readSocket(nowhere)
    reader.socket.on('open', () => reader.socket.send(JSON.stringify({ key: admin.key })))
    expect(await reader.closed).toBe(4404)
  })
})

describe('a slow reader', () => {
  test('gets every event in the end, while the server holds no more for it than the limit', async () => {
    const limit = 64 * 1024
    const { deps, readEvents, call, app } = await open({ limits: { stream_buffer_bytes_max: limit } })
    const big = 'x'.repeat(200_000)
    const { id } = await world.runTask({ input: big.slice(0, 1_000) })
    for (let turn = 0; turn < 40; turn += 1) {
      const headers = { ...world.admin.headers, prefer: 'wait=30' }
      await app.inject({ method: 'POST', url: `/v1/tasks/${id}/messages`, headers, payload: { input: big } })
    }
    const connected = new Promise<import('node:net').Socket>((resolve) => app.server.once('connection', resolve))
    const head = [`authorization: Bearer ${world.admin.key}`, 'accept: text/event-stream']
    const slow = await openSlowConnection(eventsUrl(id), head)
    readers.push({ close: () => slow.destroy() })
    const serverSide = await connected
    await until('the reader to be behind', () => serverSide.writableLength > limit)
    // One chunk of 16 events may be written past the limit: here at most 6 messages of 200 kB.
    const most = limit + 16 * 210_000
    for (let look = 0; look < 50; look += 1) {
      await new Promise(setImmediate)
      expect(serverSide.writableLength).toBeLessThan(most)
    }
    let received = ''
    slow.setEncoding('utf8').on('data', (text) => {
      received += text
    })
    slow.resume()
    await until('the end of the stream', () => received.includes('\r\n0\r\n\r\n'), 20_000)
    const { last_seq } = (await call('GET', `/v1/tasks/${id}`)).json()
    const seqs = [...received.matchAll(/^id: (\d+)$/gmu)].map(([, seq]) => Number(seq))
    expect(seqs).toEqual(Array.from({ length: last_seq }, (_, at) => at + 1))
    expect((await readEvents(id)).length).toBeGreaterThan(0)
    expect(deps.store.health().writable).toBe(true)
  })

  test('is not sent deltas it cannot take, and gets the whole text when it can', async () => {
    const limit = 64 * 1024
    const pushed = createPushedModels()
    const { app } = await open({ models: pushed.models, limits: { stream_buffer_bytes_max: limit } })
    const id = await submit('x')
    const quick = await sse(id)
    const connected = new Promise<import('node:net').Socket>((resolve) => app.server.once('connection', resolve))
    const head = [`authorization: Bearer ${world.admin.key}`, 'accept: text/event-stream']
    const slow = await openSlowConnection(eventsUrl(id), head)
    readers.push({ close: () => slow.destroy() })
    const serverSide = await connected
    let said = ''
    let most = 0
    for (let at = 0; at < 2_000; at += 1) {
      const text = `${at} ${'y'.repeat(10_000)}`
      said += text
      pushed.say(text)
      await quick.until(({ seq }) => seq === undefined)
      most = Math.max(most, serverSide.writableLength)
    }
    expect(most).toBeGreaterThan(limit / 2)
    expect(most).toBeLessThan(limit + 32 * 1024)
    pushed.end()
    let received = ''
    slow.setEncoding('utf8').on('data', (text) => {
      received += text
    })
    slow.resume()
    await until('the end of the stream', () => received.includes('\r\n0\r\n\r\n'), 20_000)
    expect(received.length).toBeLessThan(said.length * 2.5)
    expect(received).toContain('event: run.succeeded')
  })
})

test('stopping the server ends the streams and answers those who wait with what there is', async () => {
  const pushed = createPushedModels()
  const { call, app } = await open({ models: pushed.models })
  const id = await submit('x')
  const streams = [await sse(id), socket(id)]
  for (const stream of streams) await stream.until(({ type }) => type === 'run.claimed')
  const waiting = call('GET', `/v1/tasks/${id}?wait=60`)
  await until('the request to wait', () => app.server.listening)
  const closing = app.close()
  for (const stream of streams) await stream.all()
  expect((await waiting).json()).toMatchObject({ id, state: 'running' })
  await closing
})
