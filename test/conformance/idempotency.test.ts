import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Commit, CommitOutcome } from '../../src/store/commit.ts'
import type { Store } from '../../src/store/store.ts'
import { addOwner, changingCalls, type Owner, routesThatChange } from '../support/changing-calls.ts'
import { type Caller, createWorld, type World } from '../support/create-world.ts'
import { until } from '../support/until.ts'

/**
 * Every call that is made with POST, of every dialect, does one of three things with an Idempotency-Key: it answers the same again
 * and does nothing twice, it refuses the header, or it changes nothing, so that the header does not matter.
 */
const refusing = ['native POST /v1/keys/rotate-signing']
const reading = [
  'native POST /v1/policies/check',
  'native POST /v1/policies/what-if',
  'agentrix POST /v1/tasks/:taskId/events/fill',
]
/** A link answers once by itself, and has no caller whose key it could be. */
const onceAnyway = ['native POST /answer/:token']
/** An action that was carried out has no certificate to take back: it has a test of its own below. */
const apart = ['native POST /v1/statements/:digest/revoke']
/** For administrators. */
const administering = /^native POST \/v1\/(policies|users|teams|keys\/rotate-signing)$/u
/** These make nothing a second time by themselves, so that their request may be remembered after them. */
const madeOnceAnyway = [
  'native POST /v1/tasks/:id/purge',
  'agentrix POST /v1/agentrix/chats',
  'agentrix POST /v1/agentrix/tasks/:taskId/share',
]

let world: World
let owner: Owner
let xagentKey: Caller
/** What the store was given, the oldest first. */
let commits: Commit[] = []
let revoke: ((digest: string) => Promise<void>) | undefined

beforeAll(async () => {
  const wrapStore = (store: Store): Store => ({
    ...store,
    async commit(commit): Promise<CommitOutcome> {
      commits.push(commit)
      const outcome = await store.commit(commit)
      const made = commit.write.flatMap((write) => (write.kind === 'add_statements' ? write.statements : []))
      const certificate = made.find(({ kind }) => kind === 'certificate')
      // Its action begins when this has answered.
      if (certificate !== undefined) await revoke?.(certificate.digest)
      return outcome
    },
  })
  world = await createWorld({ wrapStore, limits: { webhooks_max: 100 } })
  owner = await addOwner(world)
  const { user } = owner.caller
  xagentKey = await world.addCaller('operator', { userId: user.id, dialect: 'xagent', agentId: owner.agent.id })
})
afterAll(() => world.close())

function callerOf(name: string): Caller {
  if (name.startsWith('xagent ')) return xagentKey
  return administering.test(name) ? world.admin : owner.caller
}

let keys = 0
/** A request of this name, to be sent as often as one likes under one key. */
async function prepare(name: string) {
  const call = await changingCalls[name]?.(owner)
  if (call === undefined) throw new Error(`There is no request for ${name}.`)
  keys += 1
  const key = `key-${keys}`
  const send = ({ body = call.body, caller = callerOf(name), path = call.path, ...more } = {}) =>
    world.app.inject({
      method: 'POST',
      url: path,
      headers: { ...caller.headers, 'idempotency-key': key, ...more },
      ...(body !== undefined && { payload: body }),
    })
  return { call, key, send }
}

const honouring = Object.keys(changingCalls).filter(
  (name) => / POST /u.test(name) && ![...refusing, ...reading, ...onceAnyway, ...apart].includes(name),
)

/** Certior's answers hold a ticket that is made anew for each. */
const withoutTicket = (body: string) => body.replace(/\/tickets\/[^/]+/u, '')

/** Writes that make or change what a request is about. What runs by themselves write meanwhile is none of them. */
const making = /^insert_|_agent$|_secret$|_policy$|share$|delivery$|request_stop|purge/u
const madeBy = (some: readonly Commit[]) =>
  some.flatMap(({ write }) => write.map(({ kind }) => kind)).filter((kind) => making.test(kind))

test('each POST of each API is in exactly one of the lists', () => {
  const posts = routesThatChange(world).filter(({ method }) => method === 'POST')
  const listed = [...honouring, ...refusing, ...reading, ...onceAnyway, ...apart]
  expect(posts.map(({ name }) => name).sort()).toEqual(listed.sort())
})

describe('a repetition under the same Idempotency-Key', () => {
  test.each(honouring)('of %s gets the same answer, and nothing is done twice', async (name) => {
    const { send } = await prepare(name)
    const first = await send()
    expect(first.statusCode, first.body).toBeLessThan(300)
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    commits = []
    const again = await send()
    expect(again.statusCode, again.body).toBe(first.statusCode)
    expect(withoutTicket(again.body)).toBe(withoutTicket(first.body))
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.headers['location']).toBe(first.headers['location'])
    expect(madeBy(commits)).toEqual([])
  })

  test.each(honouring)('of %s with another body is refused', async (name) => {
    const { call, send } = await prepare(name)
    const first = await send()
    expect(first.statusCode, first.body).toBeLessThan(300)
    // A call that takes no body is told apart by what it is about.
    const other = await (Object.keys(call.body ?? {}).length > 0
      ? send({ body: changedBody(call.body ?? {}) })
      : prepare(name).then(({ call: { path } }) => send({ path })))
    expect([409, 422], other.body).toContain(other.statusCode)
    expect(other.body).toMatch(/another request|idempotency/iu)
    expect(other.headers['idempotent-replayed']).toBeUndefined()
  })

  test.each(honouring)('of %s that comes while the first is under way is told to try again', async (name) => {
    const { send } = await prepare(name)
    const both = await Promise.all([send(), send()])
    const [done, refused] = both.sort((a, b) => a.statusCode - b.statusCode)
    expect(done?.statusCode, done?.body).toBeLessThan(300)
    expect(refused?.statusCode, refused?.body).toBe(409)
    expect((await send()).headers['idempotent-replayed']).toBe('true')
  })

  test.each(honouring.filter((name) => !madeOnceAnyway.includes(name)))(
    'of %s finds a note that was written in the commit of what was made',
    async (name) => {
      const { key, send } = await prepare(name)
      commits = []
      const first = await send()
      expect(first.statusCode, first.body).toBeLessThan(300)
      const noted = commits.filter(({ write }) =>
        write.some((one) => one.kind === 'remember_idempotency' && one.request.key === key),
      )
      expect(noted).toHaveLength(1)
      expect(noted[0]?.write.length).toBeGreaterThan(1)
      expect(noted[0]?.require).toContainEqual(expect.objectContaining({ name: 'absentIdempotencyKey', key }))
    },
  )
})

/** The same request about something else. */
function changedBody(body: object): object {
  const changes: Readonly<Record<string, unknown>> = {
    input: 'say other',
    name: 'other',
    url: 'https://hooks.example.com/other',
    task: 'say other',
    message: 'say other',
    metadata: { answers: ['other'] },
  }
  const changed = Object.entries(body).map(([field, value]) => {
    if (field === 'message' && typeof value === 'object') {
      return [field, 'answers' in value ? { ...value, answers: ['other'] } : { ...value, content: 'say other' }]
    }
    if (field === 'document') return [field, { ...value, title: 'Other' }]
    if (field === 'members') return [field, [...value, ...value]]
    return [field, changes[field] ?? value]
  })
  return Object.fromEntries(changed)
}

test.each(refusing)('%s refuses the header, and does nothing', async (name) => {
  const { send } = await prepare(name)
  commits = []
  const answer = await send()
  expect([answer.statusCode, answer.json().errors?.[0]?.field]).toEqual([422, 'Idempotency-Key'])
  expect(commits).toEqual([])
})

test.each(reading)('%s changes nothing, with the header or without', async (name) => {
  const { send } = await prepare(name)
  const [first, again] = [await send(), await send()]
  expect([first.statusCode, again.statusCode], first.body).toEqual([200, 200])
  expect(again.headers['idempotent-replayed']).toBeUndefined()
})

test.each(onceAnyway)('%s is done once, with the header or without', async (name) => {
  const { send } = await prepare(name)
  expect((await send()).statusCode).toBe(200)
  commits = []
  const again = await send()
  expect(again.statusCode).toBe(410)
  expect(again.headers['idempotent-replayed']).toBeUndefined()
  expect(commits).toEqual([])
})

test('the revocation of a certificate is answered again with the same revocation', async () => {
  const answers: Awaited<ReturnType<World['call']>>[] = []
  revoke = async (digest) => {
    revoke = undefined
    const headers = { ...owner.caller.headers, 'idempotency-key': 'revoke' }
    const url = `/v1/statements/${digest}/revoke`
    for (let at = 0; at < 2; at += 1) answers.push(await world.app.inject({ method: 'POST', url, headers }))
  }
  await world.runTask({ input: 'write x to a.txt', agent_id: owner.agent.id }, owner.caller)
  const [first, again] = answers
  expect(first?.statusCode, first?.body).toBe(200)
  expect([again?.statusCode, again?.body]).toEqual([200, first?.body])
  expect(again?.headers['idempotent-replayed']).toBe('true')
})

describe('what is answered again', () => {
  const body = () => ({ input: 'say hello', agent_id: owner.agent.id })
  const hasEnded = (id: string) =>
    until('the task to end', async () => (await world.deps.store.readTask(id))?.state === 'succeeded')

  test('is the task as it was then, whatever has come of it since', async () => {
    const { send } = await prepare('native POST /v1/tasks')
    const first = await send({ body: body() })
    await hasEnded(first.json().id)
    const again = await send({ body: body() })
    expect([again.statusCode, again.json()]).toEqual([202, first.json()])
    expect((await owner.ask('GET', `/v1/tasks/${first.json().id}`)) as object).toMatchObject({ state: 'succeeded' })
  })

  test('waits for the end where the repetition asks for that', async () => {
    const { send } = await prepare('native POST /v1/tasks')
    const { id } = (await send({ body: body() })).json()
    const again = await send({ body: body(), prefer: 'wait=30' } as object)
    expect([again.statusCode, again.json().id, again.json().result]).toEqual([200, id, 'hello'])
  })

  test('as a stream begins where the events of its message begin', async () => {
    const task = await world.runTask(body(), owner.caller)
    const { send } = await prepare('native POST /v1/tasks/:id/messages')
    const again = { path: `/v1/tasks/${task.id}/messages`, body: { input: 'say more' }, accept: 'text/event-stream' }
    const [first, second] = [await send(again), await send(again)]
    const seqs = (text: string) => [...text.matchAll(/^id: (\d+)/gmu)].map(([, seq]) => Number(seq))
    expect(first.statusCode, first.body).toBe(200)
    expect(seqs(second.body)[0]).toBe(task.last_seq + 1)
    expect(seqs(second.body)).toEqual(seqs(first.body))
  })

  test('as a stream of Neo is the same message, with the same words', async () => {
    const { send } = await prepare('neo POST /api/v1/tasks')
    const streamed = { body: { task: 'say hello', agent_id: owner.agent.id }, accept: 'text/event-stream' }
    const [first, again] = [await send(streamed), await send(streamed)]
    const told = (text: string) => {
      const parts = [...text.matchAll(/^data: (\{.*\})$/gmu)].map(([, json = '']) => JSON.parse(json))
      const words = parts.filter(({ type }) => type === 'text-delta').map(({ delta }) => delta)
      return { id: parts.find(({ type }) => type === 'start')?.messageId, text: words.join('') }
    }
    expect(first.statusCode, first.body).toBe(200)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(told(first.body)).toEqual({ id: expect.any(String), text: 'hello' })
    expect(told(again.body)).toEqual(told(first.body))
  })

  test('shows nothing that was purged since', async () => {
    const { send } = await prepare('native POST /v1/tasks')
    const secret = { ...body(), title: 'A canary in the title', metadata: { canary: 'in the metadata' } }
    const { id } = (await send({ body: secret })).json()
    await hasEnded(id)
    await owner.ask('POST', `/v1/tasks/${id}/purge`)
    const again = await send({ body: secret })
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.body).not.toContain('canary')
  })
})

describe('a secret that a request makes', () => {
  const secretsIn = (body: Record<string, string>) =>
    ['key', 'secret', 'webhook_secret'].flatMap((name) => (body[name] === undefined ? [] : [body[name]]))

  test.each([
    'native POST /v1/keys',
    'native POST /v1/webhooks',
    'native POST /v1/keys/:id/webhook-secret/rotate',
    'native POST /v1/webhooks/:id/secret/rotate',
  ])('by %s is shown again and kept nowhere in clear', async (name) => {
    const { send } = await prepare(name)
    commits = []
    const first = await send()
    const secrets = secretsIn(first.json())
    expect(secrets.length).toBeGreaterThan(0)
    const kept = JSON.stringify(commits, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    )
    for (const secret of secrets) expect(kept).not.toContain(secret.slice(-24))
    const again = await send()
    expect(secretsIn(again.json())).toEqual(secrets)
    expect(again.headers['cache-control']).toBe('no-store')
  })

  test('is not shown to another key of the same user', async () => {
    const { send } = await prepare('native POST /v1/keys')
    const made = await send()
    const reader = await world.addCaller('viewer', { userId: owner.caller.user.id })
    const answer = await send({ caller: reader })
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'idempotency_mismatch'])
    expect(answer.body).not.toContain(made.json().key)
  })

  test('opens what it was made for after it was shown again', async () => {
    const { send } = await prepare('native POST /v1/keys')
    await send()
    const { key } = (await send()).json()
    const headers = { authorization: `Bearer ${key}` }
    expect((await world.app.inject({ url: '/v1/tasks', headers })).statusCode).toBe(200)
  })
})
