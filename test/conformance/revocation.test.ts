import { SignJWT } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import type { Dialect } from '../../src/domain/principal.ts'
import { type Caller, createWorld, type World } from '../support/create-world.ts'
import { createPushedModels } from '../support/pushed-models.ts'
import { until } from '../support/until.ts'
import { watchSocket } from '../support/watch-socket.ts'

let world: World
let clock: FakeClock
let address = ''
let pushed: ReturnType<typeof createPushedModels>
const secret = 'a secret of at least thirty-two bytes'
const jwt = { secret, jwksUrl: undefined, issuer: undefined, audience: undefined, createUsers: true }

/** Where nothing is run, streams show what was submitted, and wait. */
async function open({ streamsMax = 100, started = false } = {}): Promise<void> {
  clock = createFakeClock()
  pushed = createPushedModels()
  const limits = { streams_max: streamsMax, wait_seconds_max: 3_600 }
  world = await createWorld({ clock, limits, models: pushed.models, settings: { jwt }, started })
  address = await world.listen()
}
afterEach(async () => {
  pushed.end()
  await world.close()
})

const addKey = (dialect: Dialect) =>
  world.addCaller('operator', { dialect, ...(dialect === 'xagent' && { agentId: world.agent.id }) })

const tokenOf = async (expiresInMs: number) => {
  const jwt = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('somebody')
  const expiresAt = new Date(clock.now() + expiresInMs)
  const key = await jwt.setExpirationTime(expiresAt).sign(new TextEncoder().encode(secret))
  return { key, headers: { authorization: `Bearer ${key}` } }
}

type Holder = Pick<Caller, 'key' | 'headers'>

/** Something that lasts: all that was received of it, and how it ended once it has. */
interface Lasting {
  readonly text: () => string
  readonly ended: Promise<{ readonly code: number }>
}

async function request(method: string, path: string, who: Holder, body?: object, more: Record<string, string> = {}) {
  const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const headers = { ...who.headers, ...json, ...more }
  return fetch(address + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
}

const jsonOf = async (answer: Response): Promise<Record<string, never>> => JSON.parse(await answer.text())

/** An answer that streams; it was accepted. */
async function streamed(answer: Response): Promise<Lasting> {
  expect(answer.status).toBe(200)
  let text = ''
  const read = async () => {
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk
    return { code: answer.status }
  }
  const ended = read()
  ended.catch(() => undefined) // where a test does not wait for its end
  return { text: () => text, ended }
}

function socketed(path: string, headers: Readonly<Record<string, string>>, first?: string): Lasting {
  const url = path.startsWith('ws') ? path : address + path
  const { messages, closed } = watchSocket(url, headers, first)
  return { text: () => JSON.stringify(messages), ended: closed.then((code) => ({ code })) }
}

const submit = async (who: Holder) => {
  const answer = await request('POST', '/mandate/v1/tasks', who, { input: 'hello' })
  return String((await jsonOf(answer))['id'])
}
const sse = { accept: 'text/event-stream' }

/** Opens a stream of its own task for this caller, on every transport there is. */
const transports: Readonly<Record<string, readonly [dialect: Dialect, open: (who: Holder) => Promise<Lasting>]>> = {
  'the native events (SSE)': [
    'native',
    async (who) => streamed(await request('GET', `/mandate/v1/tasks/${await submit(who)}/events`, who, undefined, sse)),
  ],
  'a native submit that streams': [
    'native',
    async (who) => streamed(await request('POST', '/mandate/v1/tasks', who, { input: 'hello' }, sse)),
  ],
  'a native message that streams': [
    'native',
    async (who) =>
      streamed(await request('POST', `/mandate/v1/tasks/${await submit(who)}/messages`, who, { input: 'more' }, sse)),
  ],
  'a native stream that follows': [
    'native',
    async (who) =>
      streamed(await request('GET', `/mandate/v1/tasks/${await submit(who)}/events?follow=true`, who, undefined, sse)),
  ],
  'the native WebSocket': [
    'native',
    async (who) => socketed(`/mandate/v1/tasks/${await submit(who)}/events`, who.headers),
  ],
  'the native WebSocket, opened by its first message': [
    'native',
    async (who) => socketed(`/mandate/v1/tasks/${await submit(who)}/events`, {}, who.key),
  ],
  'the stream of a Neo task': [
    'neo',
    async (who) => streamed(await request('POST', '/neo/api/v1/tasks', who, { task: 'hello' })),
  ],
  'a Neo stream that was taken up': [
    'neo',
    async (who) => {
      const { id } = await jsonOf(
        await request('POST', '/neo/api/v1/tasks', who, { task: 'x', response_format: 'json' }),
      )
      return streamed(await request('GET', `/neo/api/v1/tasks/${id}/stream`, who))
    },
  ],
  'the stream of one Neo run': [
    'neo',
    async (who) => {
      const made = await jsonOf(await request('POST', '/neo/api/v1/tasks', who, { task: 'x', response_format: 'json' }))
      return streamed(await request('GET', `/neo/api/v1/tasks/${made['id']}/streams/${made['stream_id']}`, who))
    },
  ],
  'the Certior WebSocket': [
    'certior',
    async (who) => {
      const made = await jsonOf(await request('POST', '/certior/api/v1/tasks', who, { task: 'hello' }))
      return socketed(`/certior/ws/executions/${made['execution_id']}`, who.headers)
    },
  ],
  'the Certior WebSocket, opened by its ticket': [
    'certior',
    async (who) => {
      const made = await jsonOf(await request('POST', '/certior/api/v1/tasks', who, { task: 'hello' }))
      return socketed(made['websocket_url'] ?? '', {})
    },
  ],
  'the Agentrix WebSocket': [
    'agentrix',
    async (who) => {
      const members = [{ memberCode: `agent-${world.agent.id}`, type: 'agent' }]
      const chat = await jsonOf(await request('POST', '/agentrix/v1/agentrix/chats', who, { members }))
      const body = { chatId: chat['id'], cloudId: 'cloud-default', message: { role: 'user', content: 'hello' } }
      const { taskId } = await jsonOf(await request('POST', '/agentrix/v1/agentrix/tasks/start', who, body))
      return socketed(`/agentrix/v1/tasks/${taskId}/events`, who.headers)
    },
  ],
  'the Xagent events': [
    'xagent',
    async (who) => {
      const agent = await world.deps.store.readAgent(world.agent.id)
      const body = { agent_id: agent?.number, message: { content: 'hello' } }
      const { task_id } = await jsonOf(await request('POST', '/v1/chat/tasks', who, body))
      return streamed(await request('GET', `/v1/chat/tasks/${task_id}/events`, who))
    },
  ],
}
const names = Object.keys(transports)

const opened = async (name: string, who?: Holder) => {
  const [dialect, openStream] = transports[name] ?? []
  if (dialect === undefined || openStream === undefined) throw new Error(`There is no transport ${name}.`)
  const caller = who ?? (await addKey(dialect))
  const stream = await openStream(caller)
  await until('the stream to show something', () => stream.text().length > 2)
  return { caller, stream }
}
const keyIdOf = async ({ user }: Caller) => {
  const [key] = await world.deps.store.listKeys(user.id, { limit: 1 })
  if (key === undefined) throw new Error('The key is missing.')
  return key
}

/** A socket closes with 4401 and a last message, a stream with a last frame; both say that the key is the reason. */
async function expectRevoked({ ended, text }: Lasting) {
  const { code } = await ended
  expect([200, 4401]).toContain(code)
  expect(text()).toMatch(/is not valid any more|Invalid or missing API key/u)
}

describe.each(names)('%s', (name) => {
  test('ends when its key is revoked, and shows nothing that came after', async () => {
    await open({ started: true })
    const { caller, stream } = await opened(name)
    const { id } = await keyIdOf(caller as Caller)
    expect((await world.call('DELETE', `/v1/keys/${id}`)).statusCode).toBe(200)
    await expectRevoked(stream)
    pushed.say('what nobody may read any more')
    pushed.end()
    expect(stream.text()).not.toContain('nobody may read')
  })

  test('ends within 5 seconds when another process revokes its key', async () => {
    await open()
    const { caller, stream } = await opened(name)
    const key = await keyIdOf(caller as Caller)
    await world.deps.store.commit({ write: [{ kind: 'save_key', key: { ...key, revokedAt: 1 } }] })
    clock.advance(5_000)
    await expectRevoked(stream)
  })

  test('goes on for as long as its key is good', async () => {
    await open({ started: true })
    const { stream } = await opened(name)
    const other = await addKey('native')
    const { id } = await keyIdOf(other)
    await world.call('DELETE', `/v1/keys/${id}`)
    clock.advance(12_000)
    pushed.say('one more word')
    pushed.end()
    await until('the word that came since', () => stream.text().includes('one more word'))
  })
})

describe.each(names.filter((name) => !name.includes('Xagent')))('%s, opened with a token', (name) => {
  test('ends when the token does', async () => {
    await open()
    const { stream } = await opened(name, await tokenOf(7_000))
    clock.advance(6_999)
    const before = stream.text()
    clock.advance(1)
    await expectRevoked(stream)
    expect(before).not.toMatch(/any more|Invalid/u)
  })
})

test('an Xagent stream ends when the agent of its key may no longer be used', async () => {
  await open()
  const { stream } = await opened('the Xagent events')
  await world.call('PATCH', `/v1/agents/${world.agent.id}`, { visibility: 'private' })
  clock.advance(5_000)
  await expectRevoked(stream)
})

test('a stream ends when its user leaves the team that may read the task', async () => {
  await open()
  const team = (await world.call('POST', '/v1/teams', { name: 'team' })).json()
  await world.call('PATCH', `/v1/users/${world.admin.user.id}`, { team_id: team.id })
  const task = (await world.call('POST', '/v1/tasks', { input: 'hello', visibility: 'team' })).json()
  const reader = await world.addCaller('operator', { teamId: team.id })
  const stream = socketed(`/mandate/v1/tasks/${task.id}/events`, reader.headers)
  await until('the stream to show something', () => stream.text().length > 2)
  await world.call('PATCH', `/v1/users/${reader.user.id}`, { team_id: null })
  expect(await stream.ended).toEqual({ code: 4401 })
  expect(stream.text()).toContain('Connect again')
})

test('the places of streams that were ended are free again', async () => {
  await open({ streamsMax: 1 })
  for (const name of names) {
    const { caller, stream } = await opened(name)
    const { id } = await keyIdOf(caller as Caller)
    await world.call('DELETE', `/v1/keys/${id}`)
    await stream.ended
  }
})

describe('a request that waits for the end of a task', () => {
  /** Resolves when somebody begins to wait for news of this task. */
  const waitedFor = (taskId: string) => {
    const { wakeup } = world.deps
    const { listen } = wakeup
    return new Promise<void>((resolve) => {
      wakeup.listen = (id, ring) => {
        if (id === taskId) resolve()
        return listen(id, ring)
      }
    })
  }
  const get = (id: string, who: Holder) => request('GET', `/mandate/v1/tasks/${id}?wait=3000`, who)
  const post = (id: string, who: Holder) =>
    request('POST', `/mandate/v1/tasks/${id}/messages`, who, { input: 'more' }, { prefer: 'wait=3000' })

  test('is refused as soon as its key is revoked', async () => {
    await open()
    const who = await addKey('native')
    const id = await submit(who)
    const waits = waitedFor(id)
    const answer = get(id, who)
    await waits
    await world.call('DELETE', `/v1/keys/${(await keyIdOf(who)).id}`)
    expect((await answer).status).toBe(401)
    expect(await jsonOf(await answer)).toMatchObject({ code: 'unauthenticated' })
  })

  test('is refused within 5 seconds when another process revokes its key', async () => {
    await open()
    const who = await addKey('native')
    const id = await submit(who)
    const waits = waitedFor(id)
    const answer = get(id, who)
    await waits
    const key = await keyIdOf(who)
    await world.deps.store.commit({ write: [{ kind: 'save_key', key: { ...key, revokedAt: 1 } }] })
    clock.advance(5_000)
    expect((await answer).status).toBe(401)
  })

  test('is refused when its token expires', async () => {
    await open()
    const who = await tokenOf(3_000)
    const id = await submit(who)
    const waits = waitedFor(id)
    const answer = get(id, who)
    await waits
    clock.advance(3_000)
    expect((await answer).status).toBe(401)
  })

  test('and has changed something is answered with the task as it was accepted, and with nothing that came since', async () => {
    await open()
    const who = await addKey('native')
    const id = await submit(who)
    const waits = waitedFor(id)
    const answer = post(id, who)
    await waits
    const { lastSeq = 0 } = (await world.deps.store.readTask(id)) ?? {}
    await world.call('POST', `/v1/tasks/${id}/messages`, { input: 'and since' })
    await world.call('DELETE', `/v1/keys/${(await keyIdOf(who)).id}`)
    expect((await answer).status).toBe(202)
    expect(await jsonOf(await answer)).toMatchObject({ id, last_seq: lastSeq })
  })
})
