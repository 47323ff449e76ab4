import { afterEach, describe, expect, test } from 'vitest'
import { type Dialect, dialects } from '../../src/domain/principal.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import type { Store } from '../../src/store/store.ts'
import { type Caller, createWorld, type World } from '../support/create-world.ts'
import { watchSocket } from '../support/watch-socket.ts'

let world: World
afterEach(() => world.close())

/** What a database says of itself, in a refusal as the store makes it and in an error that nobody foresaw. */
const words = 'SQLITE_IOERR: disk I/O error in /var/lib/secret/mandate.sqlite'
const told = /sqlite|disk|i\/o|secret|\/var/iu

/** A store that works until it is broken. */
async function openBreakable() {
  let error: Error | undefined
  const breaking = <Method extends (...args: never[]) => Promise<unknown>>(method: Method) =>
    ((...args) => (error === undefined ? method(...args) : Promise.reject(error))) as Method
  world = await createWorld({
    started: false,
    wrapStore: (store): Store => ({
      ...store,
      commit: breaking(store.commit),
      readSnapshot: breaking(store.readSnapshot),
      readTask: breaking(store.readTask),
      listTasks: breaking(store.listTasks),
      health: () => ({ ...store.health(), ...(error && { writable: false, problem: words }) }),
    }),
  })
  return {
    refuse: () => {
      error = new Refusal('storage_unavailable', words, { retryAfterMs: 1_000 })
    },
    fail: () => {
      error = Object.assign(new Error(words), { code: 'ERR_SQLITE_ERROR', errcode: 10 })
    },
    mend: () => {
      error = undefined
    },
  }
}

interface Ways {
  /** Something that writes, and something that reads. */
  readonly write: (agent: number) => readonly [url: string, body: object]
  readonly read: (taskId: string) => string
  /** What storage that refuses, and what a defect is answered with; the body has to hold the words. */
  readonly refused: readonly [status: number, body: string]
  readonly failed: readonly [status: number, body: string]
}

const ways: Readonly<Record<Dialect, Ways>> = {
  native: {
    write: () => ['/mandate/v1/tasks', { input: 'x' }],
    read: (id) => `/mandate/v1/tasks/${id}`,
    refused: [503, '"code":"storage_unavailable"'],
    failed: [500, '"code":"internal"'],
  },
  xagent: {
    write: (agent_id) => ['/v1/chat/tasks', { agent_id, message: { content: 'x' } }],
    read: () => '/v1/chat/tasks/1',
    refused: [500, '"error":{"code":"internal_error"'],
    failed: [500, '"error":{"code":"internal_error"'],
  },
  certior: {
    write: () => ['/api/v1/tasks', { task: 'x' }],
    read: (id) => `/api/v1/executions/exec_${id.replaceAll('-', '')}`,
    refused: [503, '{"detail":"'],
    failed: [500, '{"detail":"'],
  },
  neo: {
    write: () => ['/api/v1/tasks', { task: 'x', response_format: 'json' }],
    read: (id) => `/api/v1/tasks/${id}`,
    refused: [503, '"error_id":"storage_unavailable"'],
    failed: [500, '"error_id":"internal"'],
  },
  agentrix: {
    write: () => ['/v1/agentrix/chats', { members: [{ memberCode: `agent-${world.agent.id}`, type: 'agent' }] }],
    read: (id) => `/v1/tasks/task-${id}`,
    refused: [503, '"code":"STORAGE_UNAVAILABLE"'],
    failed: [500, '"code":"INTERNAL_ERROR"'],
  },
  shinzo: {
    write: () => [`/agent/request/${world.agent.id}`, { message: 'x' }],
    read: (id) => `/agent/${world.agent.id}/task/task_${id}`,
    refused: [503, '"success":false'],
    failed: [500, '"success":false'],
  },
}

const callerOf = (dialect: Dialect) =>
  world.addCaller('operator', { dialect, ...(dialect === 'xagent' && { agentId: world.agent.id }) })

describe.each(dialects)('a broken store, as %s tells it', (dialect) => {
  const { write, read, refused, failed } = ways[dialect]

  async function ask(caller: Caller, method: 'GET' | 'POST') {
    const { number = 0 } = (await world.deps.store.readAgent(world.agent.id)) ?? {}
    const [url, payload] = method === 'POST' ? write(number) : [read('019b76da-a800-77a2-bb90-ad23c5a20346'), undefined]
    return world.app.inject({ method, url, headers: caller.headers, ...(payload !== undefined && { payload }) })
  }

  test('is a fixed sentence when a write is refused, and the log has the words', async () => {
    const broken = await openBreakable()
    const caller = await callerOf(dialect)
    broken.refuse()
    const { statusCode, body, headers } = await ask(caller, 'POST')
    expect([statusCode, body]).toEqual([refused[0], expect.stringContaining(refused[1])])
    expect(body + JSON.stringify(headers)).not.toMatch(told)
    expect(headers['retry-after']).toBe('1')
    expect(JSON.stringify(world.errors.map(({ facts }) => causesOf(facts)))).toContain(words)
    broken.mend()
  })

  test('is a fixed sentence when it fails in a way that nobody foresaw, writing or reading', async () => {
    const broken = await openBreakable()
    const caller = await callerOf(dialect)
    broken.fail()
    for (const method of ['POST', 'GET'] as const) {
      const { statusCode, body, headers } = await ask(caller, method)
      if (method === 'GET' && statusCode === 404) continue // asked by a number, which is looked up elsewhere
      expect([statusCode, body], method).toEqual([failed[0], expect.stringContaining(failed[1])])
      expect(body + JSON.stringify(headers)).not.toMatch(told)
    }
    expect(world.errors.length).toBeGreaterThan(0)
    broken.mend()
  })
})

test('a broken store is no more than a sentence in the health of the server, which anybody may read', async () => {
  const broken = await openBreakable()
  broken.refuse()
  const health = await world.app.inject('/v1/health')
  expect([health.statusCode, health.json().degraded.length]).toEqual([503, 1])
  expect(health.body).not.toMatch(told)
  broken.mend()
})

test.each(['refuse', 'fail'] as const)('a socket whose store does %s closes with a fixed sentence', async (way) => {
  const broken = await openBreakable()
  const address = await world.listen()
  const { id } = (await world.call('POST', '/v1/tasks', { input: 'x' })).json()
  const certior = await world.addCaller('operator', { dialect: 'certior' })
  const sockets = [
    watchSocket(`${address}/mandate/v1/tasks/${id}/events`),
    watchSocket(`${address}/ws/executions/exec_${id.replaceAll('-', '')}`),
  ] as const
  for (const { opened } of sockets) await opened()
  broken[way]()
  for (const [at, { socket, closed, messages }] of sockets.entries()) {
    socket.send(at === 0 ? world.admin.key : certior.key)
    expect(await closed).toBe(way === 'refuse' ? 4503 : 4500)
    expect(JSON.stringify(messages)).not.toMatch(told)
    expect(messages).toHaveLength(1)
  }
  broken.mend()
})

function causesOf(error: unknown): unknown {
  if (error instanceof Error) return [error.message, causesOf(error.cause)]
  return typeof error === 'object' && error !== null ? Object.values(error).map(causesOf) : error
}
