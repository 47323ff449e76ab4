import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardWebhookFormat } from '../../../src/api/native/webhook-format.ts'
import type { EdgeRoute } from '../../../src/api/speak.ts'
import type { Visibility } from '../../../src/domain/principal.ts'
import { type Caller, createWorld, type World } from '../../support/create-world.ts'
import { readSocket } from '../../support/read-stream.ts'
import { sampleEndpoint } from '../../support/sample-webhooks.ts'
import { until } from '../../support/until.ts'

/**
 * What others are shown of a task that is public, unlisted or a team's, through every path that reads, in every dialect: nothing
 * of who the people are, and nothing of what the task was given. The paths are those that the server offers, so that a new one is
 * looked at too.
 */
const secretName = 'CANARY_SECRET_NAME'
const hookUrl = 'https://hooks.example.com/canary-hook-token'
const holdReason = 'the case of the canary'

interface Shared {
  readonly dialect: EdgeRoute['dialect']
  readonly id: string
  readonly number: number
  readonly streamId: string
  readonly share: string
  readonly statement: string
}

let world: World
let owner: Caller
let mate: Caller
let stranger: Caller
let xagentMate: Caller
let address: string
let canaries: Readonly<Record<string, string>>
const tasks: Shared[] = []

beforeAll(async () => {
  world = await createWorld()
  const { call, addCaller, agent } = world
  const team = (await call('POST', '/v1/teams', { name: 'red' })).json()
  const secondAdmin = await addCaller('admin')
  owner = await addCaller('operator', { teamId: team.id })
  mate = await addCaller('operator', { teamId: team.id })
  stranger = await addCaller('operator')
  xagentMate = await addCaller('operator', { userId: mate.user.id, dialect: 'xagent', agentId: agent.id })
  const ofAgent = await addCaller('operator', { userId: owner.user.id, dialect: 'xagent', agentId: agent.id })
  canaries = {
    owner: owner.user.id,
    'the key that submitted': ofAgent.keyId,
    'who placed the hold': secondAdmin.user.id,
    'the name of a secret': secretName,
    'where the webhook leads': 'canary-hook-token',
    'the reason of the hold': holdReason,
  }
  const message = { role: 'user', content: 'write x to a.txt' }
  const post = async (url: string, body: object, who = owner) => {
    const answer = await call('POST', url, body, who)
    expect(answer.statusCode, `${url} ${answer.body}`).toBeLessThan(300)
    return answer.json()
  }
  const chat = await post('/agentrix/v1/agentrix/chats', {
    members: [{ type: 'agent', memberCode: `agent-${agent.id}` }],
  })
  const started = { chatId: chat.id, cloudId: 'cloud-default', message }
  await post('/mandate/v1/tasks', { input: message.content })
  await post('/neo/api/v1/tasks', { task: message.content, secrets: [secretName], response_format: 'json' })
  await post('/certior/api/v1/tasks', { task: message.content, webhook_url: hookUrl })
  await post('/agentrix/v1/agentrix/tasks/start', started)
  await post(`/shinzo/agent/request/${agent.id}`, {
    message: message.content,
    callback_mode: 'webhook',
    webhook_url: hookUrl,
  })
  await post('/v1/chat/tasks', { agent_id: (await world.deps.store.readAgent(agent.id))?.number, message }, ofAgent)
  for (const { id, number, dialect } of await world.deps.store.listTasks({}, { limit: 100 })) {
    await until(`${dialect} to end`, async () => (await world.deps.store.readTask(id))?.state === 'succeeded')
    await call('PUT', `/v1/tasks/${id}/hold`, { reason: holdReason }, secondAdmin)
    // Another run, which its owner ends, so that the journal has somebody's name to that too.
    await call('POST', `/v1/tasks/${id}/messages`, { input: 'wait 60 seconds' })
    const itsOwner = dialect === 'xagent' ? world.admin : owner
    expect((await call('POST', `/v1/tasks/${id}/cancel`, undefined, itsOwner)).statusCode).toBe(200)
    const share = dialect === 'agentrix' ? await post(`/agentrix/v1/agentrix/tasks/task-${id}/share`, {}) : undefined
    const { statements } = (await call('GET', `/v1/tasks/${id}/statements`)).json()
    const streamId = (await world.deps.store.readSnapshot(id))?.run.id ?? ''
    tasks.push({ dialect, id, number, streamId, share: share?.shareCode ?? '', statement: statements[0].digest })
  }
  address = await world.listen()
})
afterAll(() => world.close())

const show = async (visibility: Visibility) => {
  for (const { id } of tasks) {
    const { title, metadata } = (await world.deps.store.readTask(id)) ?? { title: '', metadata: {} }
    await world.deps.store.commit({ write: [{ kind: 'save_task', task: id, title, visibility, metadata }] })
  }
}

const mountOf = (dialect: string) => (dialect === 'native' ? '/mandate' : `/${dialect}`)

/** The address of a route for a task, with the ids as its dialect writes them. */
function urlOf({ dialect, url }: EdgeRoute, task: Shared): string {
  const hex = task.id.replaceAll('-', '')
  const ids: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    native: { id: task.id, digest: task.statement, '*': 'a.txt', name: 'default', delivery: 'none', token: 'none' },
    agentrix: { taskId: `task-${task.id}`, chatId: 'none' },
    certior: { id: `exec_${hex}`, ticket: 'none' },
    neo: { id: task.id, stream_id: task.streamId },
    shinzo: { id: world.agent.id, taskId: `tsk_${hex}` },
    xagent: { task_id: String(task.number), '*': '1' },
  }
  const filled = url.replace(/:(\w+)|\*/gu, (word, name) => {
    const id = ids[dialect]?.[name ?? '*']
    if (id === undefined) throw new Error(`This test does not know what stands for ${word} in ${dialect} ${url}.`)
    return id
  })
  const query: Readonly<Record<string, string>> = {
    '/v1/auth/share': `?code=${task.share}`,
    '/v1/webhooks': `?task_id=${task.id}`,
    '/v1/log/inclusion': `?statement=${task.statement}`,
    '/v1/log/consistency': '?from=1',
  }
  return mountOf(dialect) + filled + (dialect === 'native' || dialect === 'agentrix' ? (query[url] ?? '') : '')
}

/** Routes that read: all GETs, and the POSTs that only read. */
function readingRoutes(): EdgeRoute[] {
  const reads = ['/v1/tasks/:taskId/events/fill', '/v1/policies/what-if']
  return world.app.edgeRoutes.filter(({ method, url }) => method === 'GET' || reads.includes(url))
}

interface Told {
  readonly route: string
  readonly status: number
  readonly text: string
}

/** Everything that this reader is told: of each route what it answers, as JSON and as a stream, and what sockets say. */
async function readAll(reader: Caller): Promise<Told[]> {
  const told: Told[] = []
  for (const route of readingRoutes()) {
    const ofAll = new Map(tasks.map((task) => [urlOf(route, task), task])) // one, where the route names no task
    for (const task of ofAll.values()) {
      const url = urlOf(route, task)
      const name = `${route.method} ${url} (${task.dialect})`
      const who = route.dialect === 'xagent' && reader === mate ? xagentMate : reader
      const streams = /events$|stream/u.test(route.url)
      for (const accept of streams ? ['application/json', 'text/event-stream'] : ['application/json']) {
        const payload = route.url.endsWith('/fill') ? { sequences: [...Array(40).keys()] } : { policy: 'default' }
        const body = route.method === 'POST' ? { payload } : {}
        const headers = route.open ? { accept } : { ...who.headers, accept }
        const { statusCode, body: text } = await world.app.inject({
          method: route.method as 'GET',
          url,
          headers,
          ...body,
        })
        told.push({ route: `${name} ${accept}`, status: statusCode, text })
      }
      if (/events$|\/ws\//u.test(route.url) && route.dialect !== 'xagent') {
        const socket = readSocket(await socketUrl(route, url, task, who), who.headers)
        const refused = socket.closed.then(
          () => new Promise<never>(() => undefined),
          () => [],
        )
        const frames = await Promise.race([socket.all(), refused])
        told.push({ route: `${name} socket`, status: frames.length > 0 ? 200 : 404, text: JSON.stringify(frames) })
      }
    }
  }
  return told
}

/** A socket that is opened with a ticket has its address in what its reader is told of the execution. */
async function socketUrl({ url: pattern }: EdgeRoute, url: string, task: Shared, who: Caller): Promise<string> {
  if (!pattern.startsWith('/tickets/')) return address + url
  const path = `/certior/api/v1/executions/exec_${task.id.replaceAll('-', '')}`
  return (await world.call('GET', path, undefined, who)).json().websocket_url ?? address + url
}

const leaksIn = (told: readonly Told[]) =>
  told.flatMap(({ route, text }) =>
    Object.entries(canaries).flatMap(([what, word]) => (text.includes(word) ? [`${route}: ${what}`] : [])),
  )

/** Of these a stranger to the task is told only that they may not: what is signed cannot be shown in part. */
const record = /\/statements|\/audit|\/compliance\/exec/u

describe('what is shown of a task to others', () => {
  test('holds whatever its owner is shown, so that this test sees what leaks', async () => {
    await show('private')
    const leaks = leaksIn(await readAll(owner)).join('\n')
    for (const what of ['owner', 'who placed the hold', 'the name of a secret', 'where the webhook leads']) {
      expect(leaks).toContain(what)
    }
    expect(leaks).toContain('the reason of the hold')
  })

  test.each<Visibility>(['team', 'unlisted', 'public'])(
    'tells of one that is %s neither who the people are nor what it was given',
    async (visibility) => {
      await show(visibility)
      const told = await readAll(visibility === 'team' ? mate : stranger)
      expect(leaksIn(told)).toEqual([])
      // The paths of each dialect to its own tasks were really read.
      const own = tasks.map(({ dialect }) => `${mountOf(dialect)}/`)
      for (const mount of own.filter((path) => !path.startsWith('/xagent'))) {
        const read = told.filter(({ route, status }) => route.includes(mount) && status === 200 && !record.test(route))
        expect(read.length, mount).toBeGreaterThan(5)
      }
      // The task of Xagent is its agent's user's, who is in no team.
      const isThere = (route: string) => visibility !== 'team' || !route.includes('(xagent)')
      const records = told.filter(({ route }) => record.test(route) && isThere(route))
      expect(records.length).toBeGreaterThanOrEqual(20)
      expect([...new Set(records.map(({ status }) => status))]).toEqual([403])
    },
  )

  test('and the webhook of a team is told no more than its members', async () => {
    const { store } = world.deps
    for (const { id } of tasks) {
      const snapshot = await store.readSnapshot(id)
      if (snapshot === undefined) throw new Error('The task is gone.')
      for (const event of await store.readEvents(id, 0, 200)) {
        const of = { task: snapshot.task, event, deliveryId: 'd', store, answerLink: undefined }
        const subject = { ...of, snapshot: async () => snapshot }
        for (const brief of [true, false]) {
          const told = async (teamId: string | null) =>
            standardWebhookFormat.body({ ...subject, endpoint: sampleEndpoint({ teamId }) }, brief)
          expect(leaksIn([{ route: event.kind, status: 0, text: await told('red') }])).toEqual([])
          if (event.kind === 'task.submitted') expect(await told(null)).toContain(owner.user.id)
        }
      }
    }
  })
})
