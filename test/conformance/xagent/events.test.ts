import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import { createPushedModels } from '../../support/pushed-models.ts'
import { type Frame, type FrameReader, NotAStream, readSse } from '../../support/read-stream.ts'
import { until } from '../../support/until.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
let address = ''
const readers: FrameReader[] = []
const open = async (options?: Parameters<typeof openXagent>[0]) => {
  xagent = await openXagent(options)
  address = await xagent.world.listen()
  return xagent
}
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  // fetch keeps connections at the ready on which it asked for nothing yet; a server waits for those.
  const { server } = xagent.world.app
  server.on('connection', (socket) => socket.destroy())
  server.closeAllConnections()
  await xagent.world.close()
})

const watch = async (task: number, headers: Record<string, string> = {}): Promise<FrameReader> => {
  const url = `${address}/v1/chat/tasks/${task}/events`
  const reader = await readSse(url, { ...xagent.caller.headers, ...headers })
  readers.push(reader)
  return reader
}
/** An answer whose body is not read would keep its connection open. */
const letGo = async (error: unknown): Promise<undefined> => {
  if (error instanceof NotAStream) await error.response.body?.cancel()
}
const refusal = async (task: number, headers: Record<string, string> = {}) => {
  const error = await watch(task, headers).catch((caught: unknown) => caught)
  if (!(error instanceof NotAStream)) throw new Error('It was not refused.')
  const body = (await error.response.json()) as { error: { code: string; details: { field: string }[] } }
  return { status: error.response.status, headers: error.response.headers, body }
}
/** All frames of a stream that ends while time goes on. */
const readWhile = async (stream: FrameReader, goOn: () => void): Promise<Frame[]> => {
  let frames: Frame[] | undefined
  void stream.all().then((all) => {
    frames = all
  })
  await until('the stream to end', () => {
    if (frames === undefined) goOn()
    return frames !== undefined
  })
  return frames ?? []
}
const told = (frames: readonly Frame[]) => frames.map(({ type, data }) => [type, data])
const ids = (frames: readonly Frame[]) => frames.flatMap(({ seq }) => (seq === undefined ? [] : [seq]))

describe('attaching', () => {
  test('first tells the status, then what happens, and ends with the task', async () => {
    const pushed = createPushedModels()
    const { submit, steps, read } = await open({ models: pushed.models })
    const id = await submit('what is 1 + 1?')
    const stream = await watch(id)
    expect(await stream.next()).toMatchObject({ type: 'task.status', data: { status: 'running' } })
    const begun = await until('the thinking to show', async () => (await steps(id)).length > 1)
    expect(begun).toBe(true)
    pushed.say('it is ')
    pushed.say('2')
    const deltas = await stream.until(({ data }) => data['text'] === '2')
    pushed.end()
    const frames = [...deltas, ...(await stream.all())]
    const { run_id } = await read(id)
    const message_id = `message:${run_id}:1`
    const thinking = (await steps(id)).find((step: { type: string }) => step.type === 'thinking')
    const rest = told(frames).filter(([type]) => type !== 'step.started')
    expect(rest).toEqual([
      ['message.delta', { message_id, text: 'it is ' }],
      ['message.delta', { message_id, text: '2' }],
      ['step.completed', { step: thinking }],
      ['message.completed', { message_id, content: 'it is 2' }],
      ['task.completed', { status: 'completed', output: 'it is 2', error: null }],
    ])
    const started = { ...thinking, status: 'running', completed_at: null }
    const starts = frames.filter(({ type }) => type === 'step.started')
    for (const { data } of starts) expect(data).toEqual({ step: started })
  })

  test('to a task that has ended gives the status, the end, and closes', async () => {
    const { submit, taskThatIs } = await open()
    const completed = await submit('say hi')
    await taskThatIs('completed', completed)
    expect(told(await (await watch(completed)).all())).toEqual([
      ['task.status', { status: 'completed' }],
      ['task.completed', { status: 'completed', output: 'hi', error: null }],
    ])
    const failed = await submit('fail no luck')
    await taskThatIs('failed', failed)
    expect(told(await (await watch(failed)).all())).toEqual([
      ['task.status', { status: 'failed' }],
      ['task.completed', { status: 'failed', output: null, error: expect.stringContaining('no luck') }],
    ])
  })

  test('is answered as an event stream of compact JSON, also under the mount', async () => {
    const { submit, taskThatIs, world, caller } = await open()
    const id = await submit('say hi')
    await taskThatIs('completed', id)
    for (const mount of ['', '/xagent']) {
      const answer = await world.app.inject({ url: `${mount}/v1/chat/tasks/${id}/events`, headers: caller.headers })
      expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
      expect(answer.body).toMatch(/^id: \d+\nevent: task\.status\ndata: \{"status":"completed"\}\n\n/u)
    }
  })

  test('tells nothing of what was before', async () => {
    const pushed = createPushedModels()
    const { submit, steps } = await open({ models: pushed.models })
    const id = await submit('hello')
    await until('the thinking to show', async () => (await steps(id)).length > 1)
    const early = await watch(id)
    pushed.say('some ')
    await early.until(({ type }) => type === 'message.delta')
    const late = await watch(id)
    pushed.say('words')
    pushed.end()
    const frames = await late.all()
    expect(frames.map(({ type }) => type)).not.toContain('step.started')
    expect(JSON.stringify(frames)).not.toContain('hello')
    const texts = frames.filter(({ type }) => type === 'message.delta').map(({ data }) => data['text'])
    expect(texts.join('')).toBe('some words')
  })

  test('to a paused task stays open, and tells when it goes on', async () => {
    const { submit, append, coreTask, world } = await open({ started: false })
    const id = await submit('say one')
    await world.call('POST', `/mandate/v1/tasks/${(await coreTask(id)).task.id}/stop`)
    const stream = await watch(id)
    expect(await stream.next()).toMatchObject({ type: 'task.status', data: { status: 'paused' } })
    await append(id, 'say two')
    const more = await stream.until(({ type }) => type === 'task.status')
    expect(told(more)).toEqual([
      [
        'step.completed',
        { step: expect.objectContaining({ type: 'message', data: { role: 'user', content: 'say two' } }) },
      ],
      ['task.status', { status: 'running' }],
    ])
    await world.deps.dispatcher.start()
    expect((await stream.all()).at(-1)?.data).toEqual({ status: 'completed', output: 'two', error: null })
  })
})

describe('resuming by Last-Event-ID', () => {
  const busy = 'write one two to a.txt then count the words in a.txt then say done'

  test('from anywhere gives what came after, exactly as one saw it who was never away', async () => {
    const { submit, taskThatIs } = await open()
    const id = await submit(busy)
    await taskThatIs('completed', id)
    const all = await (await watch(id, { 'last-event-id': '0' })).all()
    const [first, ...rest] = all
    expect(first).toMatchObject({ type: 'task.status', seq: 0, data: { status: 'running' } })
    expect(rest.at(-1)?.type).toBe('task.completed')
    expect(ids(rest)).toEqual([...new Set(ids(rest))].sort((a, b) => a - b))
    for (const seq of ids(rest).slice(0, -1)) {
      const after = rest.slice(rest.findIndex((frame) => frame.seq === seq) + 1)
      const [status, ...again] = await (await watch(id, { 'last-event-id': String(seq) })).all()
      expect(status).toMatchObject({ type: 'task.status', seq, data: { status: 'running' } })
      expect(again).toEqual(after)
    }
  })

  test('tells the same steps as a poll of them', async () => {
    const { submit, taskThatIs, steps } = await open()
    const id = await submit(busy)
    await taskThatIs('completed', id)
    const frames = await (await watch(id, { 'last-event-id': '0' })).all()
    const completed = frames.flatMap(({ type, data }) => (type === 'step.completed' ? [data['step']] : []))
    const polled = await steps(id)
    const own = polled.filter(({ data }: { data: { role?: string } }) => data.role !== 'assistant')
    expect(completed).toEqual(own)
    const messages = frames.flatMap(({ type, data }) => (type === 'message.completed' ? [data] : []))
    const said = polled.filter(({ data }: { data: { role?: string } }) => data.role === 'assistant')
    expect(messages).toEqual(
      said.map((step: { id: string; data: { content: string } }) => ({
        message_id: step.id,
        content: step.data.content,
      })),
    )
  })

  test('across turns ends with the latest turn only', async () => {
    const { submit, append, taskThatIs } = await open()
    const id = await submit('say one')
    await taskThatIs('completed', id)
    await append(id, 'say two')
    await taskThatIs('completed', id)
    const frames = await (await watch(id, { 'last-event-id': '0' })).all()
    const states = frames.filter(({ type }) => type.startsWith('task.'))
    expect(told(states)).toEqual([
      ['task.status', { status: 'running' }],
      ['task.status', { status: 'completed' }],
      ['task.status', { status: 'running' }],
      ['task.completed', { status: 'completed', output: 'two', error: null }],
    ])
  })

  test.each(['x', '-1', '999', '1.5'])('%s, which no frame has, is 422 invalid_input', async (id) => {
    const { submit } = await open()
    const task = await submit('say hi')
    const { status, body } = await refusal(task, { 'last-event-id': id })
    expect([status, body.error.code, body.error.details[0]?.field]).toEqual([422, 'invalid_input', 'Last-Event-ID'])
  })
})

describe('a stream', () => {
  test('is one of two for a task: a third is 429 rate_limited, until one is closed', async () => {
    const { submit } = await open()
    const id = await submit('wait 600 seconds')
    const [first] = [await watch(id), await watch(id)]
    const { status, body, headers } = await refusal(id)
    expect([status, body.error.code]).toEqual([429, 'rate_limited'])
    expect(headers.get('retry-after')).toBe('5')
    first?.close()
    const free = await until('the place to be free', () => watch(id).catch(letGo))
    expect(await free.next()).toMatchObject({ type: 'task.status' })
  })

  test('ends after an hour with stream_expired', async () => {
    const clock = createFakeClock()
    const pushed = createPushedModels()
    const { submit, coreTask } = await open({
      clock,
      models: pushed.models,
      limits: { run_timeout_seconds_default: 80_000, step_timeout_seconds: 80_000 },
    })
    const id = await submit('hello')
    const stream = await watch(id)
    await stream.next()
    const startedAt = clock.now()
    const frames = await readWhile(stream, () => clock.advance(15_000))
    expect(frames.at(-1)).toMatchObject({ type: 'stream.error', data: { code: 'stream_expired' } })
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(3_600_000)
    expect((await coreTask(id)).run.state).toBe('running')
    pushed.end()
  })

  test('ends with unauthorized when its key is taken back', async () => {
    const clock = createFakeClock()
    const pushed = createPushedModels()
    const { submit, world, caller } = await open({ clock, models: pushed.models })
    const id = await submit('hello')
    const stream = await watch(id)
    await stream.next()
    clock.advance(30_000)
    const [key] = await world.deps.store.listKeys(caller.user.id, { limit: 1 })
    if (key === undefined) throw new Error('The key is missing.')
    await world.deps.store.commit({ write: [{ kind: 'save_key', key: { ...key, revokedAt: 1 } }] })
    const frames = await readWhile(stream, () => clock.advance(10_000))
    expect(frames.at(-1)).toMatchObject({ type: 'stream.error', data: { code: 'unauthorized' } })
    pushed.end()
  })

  test('cuts a text of more than 64 KiB and says so; a poll has the whole', async () => {
    const { submit, taskThatIs } = await open()
    const text = 'é'.repeat(40_000)
    const id = await submit(`say ${text}`)
    expect((await taskThatIs('completed', id)).output).toBe(text)
    const frames = await (await watch(id, { 'last-event-id': '0' })).all()
    const cut = 'é'.repeat(32 * 1024)
    expect(frames.at(-1)?.data).toEqual({ status: 'completed', output: cut, error: null, truncated: true })
    const message = frames.find(({ type }) => type === 'message.completed')
    expect(message?.data).toMatchObject({ content: cut, truncated: true })
  })

  test('is kept alive by a comment after 15 seconds', async () => {
    const clock = createFakeClock()
    const pushed = createPushedModels()
    const { submit, caller } = await open({ clock, models: pushed.models })
    const id = await submit('hello')
    const abort = new AbortController()
    const response = await fetch(`${address}/v1/chat/tasks/${id}/events`, {
      headers: caller.headers,
      signal: abort.signal,
    })
    const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await chunks?.read())?.value).toContain('task.status')
    const ping = chunks?.read()
    clock.advance(15_000)
    expect((await ping)?.value).toBe(':\n\n')
    abort.abort()
    pushed.end()
  })
})
