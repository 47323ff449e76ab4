import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { readStart } from '../../../src/api/dialects/agentrix/request.ts'
import { submitTask } from '../../../src/engine/commands/submit-task.ts'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix()
})
afterEach(() => world.close())

interface Event {
  readonly eventId: string
  readonly sequence: number
  readonly eventData: { readonly message?: Message; readonly encryptedMessage?: string }
}
interface Message {
  readonly type: string
  readonly message?: { readonly content: readonly { readonly type: string; readonly id?: string }[] }
}

const ended = async (content: string) => {
  const { taskId } = await world.start(content)
  await world.reaches(taskId, 'completed')
  return taskId
}
const page = async (taskId: string, query = ''): Promise<{ events: Event[]; hasMore: boolean }> => {
  const answer = await world.call('GET', `/v1/tasks/${taskId}/events${query}`)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const sequences = (events: readonly Event[]) => events.map(({ sequence }) => sequence)
const countdown = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, at) => from - at)

describe('a page of events', () => {
  test('holds every committed event once, newest first, with a sequence that is its seq less one', async () => {
    const taskId = await ended('write hello to a.txt then read a.txt')
    const journal = await world.deps.store.readEvents(taskId.replace('task-', ''), 0, 1_000)
    const { events, hasMore } = await page(taskId, '?limit=100')
    expect(hasMore).toBe(false)
    expect(sequences(events)).toEqual(journal.map(({ seq }) => seq - 1).reverse())
    expect(events.at(-1)).toEqual({
      id: expect.any(String),
      taskId,
      chatId: world.chat.id,
      eventId: events.at(-1)?.eventId,
      sequence: 0,
      eventType: 'task-message',
      eventData: { message: expect.objectContaining({ type: 'system', subtype: 'task_submitted' }) },
      createdAt: expect.stringMatching(/Z$/u),
    })
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length)
  })

  test('tells what was said, what tools did and how it ended in the messages of agents', async () => {
    const taskId = await ended('write hello to a.txt then say done')
    const { events } = await page(taskId, '?limit=100')
    const messages = events.toReversed().map(({ eventData }) => eventData.message)
    const [user, ...rest] = messages.filter((message) => message?.type !== 'system')
    expect(user).toEqual({ type: 'user', message: { role: 'user', content: 'write hello to a.txt then say done' } })
    const parts = rest.flatMap((message) => message?.message?.content ?? [])
    const use = parts.find(({ type }) => type === 'tool_use')
    expect(use).toMatchObject({ name: 'write_file', input: { path: 'a.txt' }, id: expect.any(String) })
    const result = parts.find(({ type }) => type === 'tool_result')
    expect(result).toMatchObject({ tool_use_id: use?.id, is_error: false, content: expect.any(String) })
    expect(parts.at(-1)).toMatchObject({ type: 'text', text: expect.stringContaining('done') })
    expect(rest.at(-1)).toMatchObject({ type: 'result', subtype: 'success', is_error: false })
  })

  test('holds 50 unless told otherwise, and goes on below and above a sequence', async () => {
    const taskId = await ended(Array.from({ length: 12 }, (_, at) => `write ${at} to ${at}.txt`).join(' then '))
    const last = (await world.call('GET', `/v1/tasks/${taskId}/events/meta`)).json().latestSequence
    expect(last).toBeGreaterThan(60)
    const newest = await page(taskId)
    expect([sequences(newest.events), newest.hasMore]).toEqual([countdown(last, last - 49), true])
    const older = await page(taskId, `?before=${last - 49}&limit=100`)
    expect([sequences(older.events), older.hasMore]).toEqual([countdown(last - 50, 0), false])
    const above = await page(taskId, `?after=${last - 3}`)
    expect([sequences(above.events), above.hasMore]).toEqual([countdown(last, last - 2), false])
    const between = await page(taskId, '?after=10&before=20&limit=4')
    expect([sequences(between.events), between.hasMore]).toEqual([countdown(19, 16), true])
    for (const query of [`?after=${last}`, '?before=0', '?after=9&before=10', '?after=20&before=10']) {
      expect(await page(taskId, query), query).toEqual({ events: [], hasMore: false })
    }
  })

  test.each(['limit=0', 'limit=101', 'before=-1', 'after=x'])('with %s is 400', async (query) => {
    const { taskId } = await world.start('say hello')
    const answer = await world.call('GET', `/v1/tasks/${taskId}/events?${query}`)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
  })
})

describe('repairing a jump', () => {
  test('fill gives exactly the events that are named, as they are in the pages', async () => {
    const taskId = await ended('say hello')
    const { events } = await page(taskId)
    const fill = async (wanted: number[]) =>
      (await world.call('POST', `/v1/tasks/${taskId}/events/fill`, { sequences: wanted })).json().events
    expect(await fill([4, 0, 1, 4])).toEqual(events.filter(({ sequence }) => [0, 1, 4].includes(sequence)).reverse())
    expect(await fill([events.length, 100_000])).toEqual([])
  })

  test.each([
    ['nothing', {}],
    ['no sequence', { sequences: [] }],
    ['a negative sequence', { sequences: [-1] }],
    ['a fraction', { sequences: [0.5] }],
    ['too many', { sequences: Array.from({ length: 101 }, (_, at) => at) }],
  ])('fill of %s is 400', async (_, body) => {
    const { taskId } = await world.start('say hello')
    const answer = await world.call('POST', `/v1/tasks/${taskId}/events/fill`, body)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test('meta tells the first and the last sequence and when it changed last', async () => {
    const taskId = await ended('say hello')
    const task = (await world.call('GET', `/v1/tasks/${taskId}`)).json()
    const { events } = await page(taskId)
    expect((await world.call('GET', `/v1/tasks/${taskId}/events/meta`)).json()).toEqual({
      latestSequence: events.length - 1,
      earliestSequence: 0,
      updatedAt: task.updatedAt,
    })
  })
})

describe('a sealed message', () => {
  test('is kept as sealed content and shown again as it was sent, and its key is not shown', async () => {
    const { deps, caller, chat, call } = world
    const encryptedMessage = Buffer.from([0, 1, 2, 255, 254]).toString('base64')
    const dataEncryptionKey = Buffer.from('wrapped').toString('base64')
    const principal = {
      userId: caller.user.id,
      teamId: null,
      role: 'operator',
      dialect: 'agentrix',
      agentId: null,
      keyId: null,
    } as const
    const body = { chatId: chat.id, machineId: 'machine-m1', encryptedMessage, dataEncryptionKey, cwd: '/home/ada' }
    const wanted = await readStart(deps, principal, body)
    expect(wanted).toMatchObject({ place: 'machine:m1', runExtension: { userCwd: '/home/ada' } })
    // No machine can be registered yet: the rest of the way is gone in the cloud, which cannot open it either.
    const { task } = await submitTask(deps, principal, { ...wanted, place: 'cloud:default' })
    const done = await world.reaches(`task-${task.id}`, 'completed')
    expect(done).toMatchObject({ title: null, userCwd: '/home/ada', repositorySourceType: 'directory' })
    const answer = await call('GET', `/v1/tasks/task-${task.id}/events`)
    expect(answer.json().events.at(-2)).toMatchObject({ sequence: 1, eventData: { encryptedMessage } })
    expect(Object.keys(answer.json().events.at(-2).eventData)).toEqual(['encryptedMessage'])
    expect(answer.body + JSON.stringify(done)).not.toContain(dataEncryptionKey)
    const [, added] = await deps.store.readEvents(task.id, 0, 2)
    const digest = added?.contents['message'] ?? ''
    expect((await deps.store.readContents([digest])).get(digest)).toMatchObject({ sealed: true })
  })
})

describe('the WebSocket', () => {
  const listen = async (path: string, headers: Record<string, string> = world.caller.headers) => {
    const address = await world.listen()
    return follow(`${address.replace('http', 'ws')}${path}`, headers)
  }

  test('sends the same events as the pages, oldest first, and closes when the task has ended', async () => {
    const { taskId } = await world.start('write hello to a.txt then say done')
    const { messages, code } = await listen(`/v1/tasks/${taskId}/events`)
    expect(code).toBe(1000)
    expect(messages).toEqual((await page(taskId, '?limit=100')).events.reverse())
  })

  test('goes on after the sequence that was seen', async () => {
    const taskId = await ended('say hello')
    const { messages } = await listen(`/v1/tasks/${taskId}/events?after=2`)
    expect(messages).toEqual((await page(taskId, '?after=2')).events.reverse())
  })

  test('takes the key in its address, where a browser can set no header', async () => {
    const taskId = await ended('say hello')
    const { messages, code, ...rest } = await listen(
      `/agentrix/v1/tasks/${taskId}/events?api_key=${world.caller.key}`,
      {},
    )
    expect([messages.length > 0, code], JSON.stringify(rest)).toEqual([true, 1000])
  })

  test('takes the key in its first message, with the sequence that was seen', async () => {
    const taskId = await ended('say hello')
    const address = (await world.listen()).replace('http', 'ws')
    const path = `${address}/v1/tasks/${taskId}/events`
    const { key } = world.caller
    for (const first of [key, JSON.stringify({ key }), JSON.stringify({ api_key: key })]) {
      const { messages, code } = await follow(path, {}, first)
      expect([messages, code]).toEqual([(await page(taskId, '?limit=100')).events.reverse(), 1000])
    }
    const { messages } = await follow(`${path}?after=1`, {}, JSON.stringify({ key, after: 2 }))
    expect(messages).toEqual((await page(taskId, '?after=2')).events.reverse())
    const bad = await follow(path, {}, JSON.stringify({ key, after: 'x' }))
    expect(bad).toMatchObject({ code: 4400, messages: [{ code: 'INVALID_REQUEST' }] })
  })

  test('of who brings a wrong key, nothing and another one is closed in the words of Agentrix', async () => {
    const { taskId } = await world.start('say hello')
    const address = (await world.listen()).replace('http', 'ws')
    const path = `${address}/v1/tasks/${taskId}/events`
    for (const first of ['agx_0', 'xag_0', 'hello', '{}', '{"key": 7}']) {
      const { messages, code } = await follow(path, {}, first)
      expect([code, messages]).toMatchObject([4401, [{ code: 'UNAUTHORIZED', error: 'unauthorized' }]])
    }
  })

  test('is refused before it is opened with a wrong key, to others, and after what is not there', async () => {
    const { taskId } = await world.start('say hello')
    const other = await world.addCaller('operator', { dialect: 'agentrix' })
    const address = (await world.listen()).replace('http', 'ws')
    const path = `${address}/v1/tasks/${taskId}/events`
    const wrong = { authorization: 'Bearer agx_0' }
    expect(await follow(path, wrong)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
    expect(await follow(path, other.headers)).toMatchObject({ status: 404, body: { code: 'TASK_NOT_FOUND' } })
    const late = await follow(`${path}?after=1000`, world.caller.headers)
    expect(late).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
  })
})

/** Everything that a socket sends until it is closed, or the HTTP answer that refuses it. */
function follow(url: string, headers: Record<string, string>, first?: string) {
  const socket = new WebSocket(url, { headers })
  if (first !== undefined) socket.on('open', () => socket.send(first))
  const messages: unknown[] = []
  return new Promise<{ messages: unknown[]; code?: number; status?: number; body?: unknown }>((resolve, reject) => {
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    socket.on('close', (code) => resolve({ messages, code }))
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => {
        socket.terminate()
        resolve({ messages, status: response.statusCode ?? 0, body: JSON.parse(body) })
      })
    })
  })
}
