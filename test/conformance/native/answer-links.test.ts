import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { WebhookBody } from '../../../src/api/native/contract/webhook.ts'
import { createFakeClock } from '../../../src/clock/fake/create-fake-clock.ts'
import type { NewEvent } from '../../../src/domain/event.ts'
import type { JsonObject } from '../../../src/domain/json.ts'
import { type PromptKind, schemaOfAnswers } from '../../../src/domain/prompt.ts'
import { createWebhookDeliverer } from '../../../src/engine/services/webhook-deliverer.ts'
import { recordEvents } from '../../../src/journal/record-events.ts'
import { contentOf } from '../../../src/proof/digests.ts'
import { createCollectingReceiver } from '../../support/collecting-receiver.ts'
import { type Caller, createWorld, type World, type WorldOptions } from '../../support/create-world.ts'
import { started } from '../../support/started.ts'
import { until } from '../../support/until.ts'

let world: World
let stopDelivering: (graceMs: number) => Promise<void> = async () => undefined
const receiver = createCollectingReceiver()
const start = Date.parse('2026-11-22T00:00:00Z')
let clock = createFakeClock(start)
afterEach(async () => {
  const stopped = stopDelivering(0)
  clock.advance(1)
  await stopped
  await world.close()
})

async function open(options: WorldOptions = {}): Promise<void> {
  receiver.received.length = 0
  receiver.taken.length = 0
  receiver.answer = () => 200
  clock = createFakeClock(start)
  world = await createWorld({ clock, send: receiver.send, started: false, ...options })
  stopDelivering = started(createWebhookDeliverer(world.deps))
}

const hookBody = { url: 'https://hooks.example.com/in', events: ['prompt.*'] }
async function subscribe(userId: string, caller = world.admin) {
  const body = { ...hookBody, answer_links: { user_id: userId } }
  return await world.call('POST', '/v1/webhooks', body, caller)
}

const items = [
  { id: 'color', question: 'Which <color>?', options: ['red', 'blue'], multiple: false, default: null },
  { id: '2', question: 'Which ones?', options: ['a', 'b', 'c'], multiple: true, default: null },
  { id: 'why', question: 'Why?', options: [], multiple: false, default: null },
]
const questions = { questions: items, schema: schemaOfAnswers({ questions: items }) } as unknown as JsonObject

interface Ask {
  readonly kind?: PromptKind
  readonly payload?: JsonObject
  readonly caller?: Caller
  readonly policy?: string
  readonly expiresAt?: number | null
}

/** Opens a prompt of a task that stays in the queue, and answers with what the webhook is sent. */
async function ask({ kind = 'question', payload = questions, caller, policy, expiresAt = null }: Ask = {}) {
  const { deps } = world
  const own =
    caller === undefined ? {} : { agent_id: (await world.call('POST', '/v1/agents', { name: 'a' }, caller)).json().id }
  const body = { input: 'hello', not_before: '2100-01-01T00:00:00Z', ...own, ...(policy && { policy }) }
  const { id } = (await world.call('POST', '/v1/tasks', body, caller)).json()
  const snapshot = await deps.store.readSnapshot(id)
  if (snapshot === undefined) throw new Error('The task is not there.')
  const content = contentOf(deps.randomness.newSalt(), JSON.stringify(payload), 'application/json')
  const prompt = deps.randomness.newId()
  const facts = { prompt, prompt_kind: kind, step: 1, action: null, tool: 'send_mail', categories: ['send_email'] }
  const event: NewEvent = {
    ...{ kind: 'prompt.opened', run: snapshot.run.id, attempt: null, at: clock.now() },
    facts: { ...facts, version: 1, expires_at: expiresAt, on_expiry: 'deny' },
    contents: { payload: content.digest },
  }
  const before = receiver.taken.length
  const recorded = recordEvents(deps, snapshot, [event], { contents: [content] })
  const outcome = await deps.store.commit({ require: recorded.require, write: recorded.writes })
  if (!outcome.committed) throw new Error('The prompt was not opened.')
  deps.wakeup.hint(id)
  await until('the delivery', () => receiver.taken.length > before)
  const sent = JSON.parse(receiver.taken.at(-1)?.request.body ?? '') as WebhookBody
  const url = sent.data.answer_link?.url
  return { task: id as string, prompt, sent, path: url === undefined ? undefined : new URL(url).pathname }
}

async function linkTo(options: Ask = {}) {
  const asked = await ask(options)
  if (asked.path === undefined) throw new Error('There is no link.')
  return { ...asked, path: asked.path }
}

const page = (path: string) => world.app.inject({ url: path })
const post = (path: string, fields: readonly (readonly [string, string])[]) =>
  world.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString(),
  })
const good = [
  ['version', '1'],
  ['a0', '1'],
  ['a1', '0'],
  ['a1', '2'],
  ['a2', 'for\r\nfun'],
  ['message', ''],
  ['outcome', 'answered'],
] as const
const readPrompt = async (id: string) => (await world.call('GET', `/v1/prompts/${id}`)).json()

test('a link shows what is asked, changes nothing by being opened, and answers once as its user', async () => {
  await open()
  const created = await subscribe(world.admin.user.id)
  expect(created.json()).toMatchObject({ answer_links: { user_id: world.admin.user.id } })
  const { path, prompt, sent } = await linkTo()
  expect(sent.data.answer_link).toEqual({
    url: expect.stringMatching(/^https:\/\/mandate\.example\.com\/answer\/[\w-]{43}$/u),
    expires_at: new Date(start + 72 * 3_600_000).toISOString(),
  })
  for (let times = 0; times < 2; times += 1) {
    const shown = await page(path)
    expect(shown.statusCode).toBe(200)
    expect(shown.body).toContain('Which &lt;color&gt;?')
    expect(shown.body).not.toMatch(/<script|javascript:|\son\w+=/u)
  }
  expect((await world.app.inject({ method: 'HEAD', url: path })).statusCode).toBe(200)
  expect(await readPrompt(prompt)).toMatchObject({ state: 'open' })
  const answered = await post(path, good)
  expect([answered.statusCode, answered.body]).toEqual([200, expect.stringContaining('Your answer is recorded')])
  expect(await readPrompt(prompt)).toMatchObject({
    state: 'answered',
    outcome: 'answered',
    answered_by: { user: world.admin.user.id, key: null, via: 'link' },
    answer: { data: { answers: { color: 'blue', 2: ['a', 'c'], why: 'for\nfun' } }, message: null },
  })
  const again = await post(path, good)
  const shown = await page(path)
  expect([again.statusCode, shown.statusCode, again.body]).toEqual([410, 410, shown.body])
  expect(again.body).toContain('This is settled')
})

test('every page may be neither kept, framed, scripted nor told to others', async () => {
  await open()
  await subscribe(world.admin.user.id)
  const { path } = await linkTo()
  const bad = await post(path, [['outcome', 'answered']])
  expect([bad.statusCode, bad.body]).toEqual([422, expect.stringContaining('does not fit')])
  for (const shown of [await page(path), bad, await post(path, good), await page(path), await page('/answer/none')]) {
    expect(shown.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    const csp = String(shown.headers['content-security-policy'])
    for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"])
      expect(csp).toContain(part)
    const [, style = ''] = /<style>(.*?)<\/style>/su.exec(shown.body) ?? []
    expect(csp).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
  }
})

test('an approval shows the exact arguments, what is not seen too, and is approved or denied with a reason', async () => {
  await open()
  await subscribe(world.admin.user.id)
  const given = JSON.stringify({ to: 'a\u202eb@x.y', body: '</pre><script>alert(1)</script>\u200b' })
  const payload = { tool: 'send_mail', arguments: given, reason: 'a\u0007b' }
  const { path, prompt } = await linkTo({ kind: 'approval', payload })
  const { body } = await page(path)
  expect(body).toContain('{&quot;to&quot;:&quot;a<mark>\\u{202e}</mark>b@x.y&quot;')
  expect(body).toContain('&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;<mark>\\u{200b}</mark>')
  expect(body).not.toMatch(/[\u202e\u200b]|<script/u)
  expect(body).toContain('&quot;tool&quot;: &quot;send_mail&quot;')
  // A question's buttons are not those of an approval.
  expect((await post(path, [['outcome', 'answered']])).statusCode).toBe(422)
  expect((await post(path, [])).statusCode).toBe(422)
  expect(
    (
      await post(path, [
        ['outcome', 'denied'],
        ['message', 'too much'],
      ])
    ).statusCode,
  ).toBe(200)
  expect(await readPrompt(prompt)).toMatchObject({ outcome: 'denied', answer: { message: 'too much' } })
})

test('only the hash of the token is stored, and no token is logged', async () => {
  const lines: object[] = []
  await open({ settings: { requestLog: (line: object) => lines.push(line) } })
  await subscribe(world.admin.user.id)
  const { path } = await linkTo()
  const token = path.replace('/answer/', '')
  await page(path)
  await until('the line of the request', () => lines.some((line) => JSON.stringify(line).includes('/answer/')))
  expect(JSON.stringify([...lines, ...world.errors])).not.toContain(token)
  expect(await world.deps.store.readAnswerLink(createHash('sha256').update(token).digest('hex'))).toBeDefined()
  expect(await world.deps.store.readAnswerLink(token)).toBeUndefined()
})

test('a link is over with its prompt or after answer_link_hours, and says so', async () => {
  await open()
  await subscribe(world.admin.user.id)
  const byPrompt = await linkTo({ expiresAt: start + 60_000 })
  expect(byPrompt.sent.data.answer_link?.expires_at).toBe(new Date(start + 60_000).toISOString())
  const byHours = await linkTo()
  clock.advance(60_000)
  expect((await page(byPrompt.path)).body).toContain('This link has expired')
  expect((await page(byHours.path)).statusCode).toBe(200)
  clock.advance(72 * 3_600_000)
  const late = await post(byHours.path, good)
  expect([late.statusCode, late.body]).toEqual([410, expect.stringContaining('This link has expired')])
  expect(await readPrompt(byHours.prompt)).toMatchObject({ state: 'open' })
})

test('what is no token, and a link whose user may not answer any more, look the same', async () => {
  await open()
  const caller = await world.addCaller('operator')
  await subscribe(caller.user.id, caller)
  const { path, prompt } = await linkTo({ caller })
  expect((await page(path)).statusCode).toBe(200)
  await world.call('DELETE', `/v1/keys/${caller.keyId}`)
  const unknown = await page('/answer/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
  for (const shown of [await page(path), await post(path, good)]) {
    expect([shown.statusCode, shown.body]).toEqual([404, unknown.body])
  }
  expect(await readPrompt(prompt)).toMatchObject({ state: 'open' })
})

test('nobody has links made for others but an administrator, and none for who may not answer', async () => {
  await open()
  const caller = await world.addCaller('operator')
  const viewer = await world.addCaller('viewer')
  expect((await subscribe(viewer.user.id, caller)).json()).toMatchObject({ code: 'role_forbidden' })
  expect((await subscribe('nobody')).json()).toMatchObject({ code: 'invalid_input' })
  const { id } = (await world.call('POST', '/v1/webhooks', hookBody, caller)).json()
  expect((await ask({ caller })).path).toBeUndefined()
  const change = (body: object, who = caller) => world.call('PATCH', `/v1/webhooks/${id}`, body, who)
  expect((await change({ answer_links: { user_id: viewer.user.id } }, world.admin)).statusCode).toBe(200)
  expect((await ask({ caller })).path).toBeUndefined()
  // Whoever could not have had them made cannot lead them to another address either.
  expect((await change({ url: 'https://other.example.com' })).json()).toMatchObject({ code: 'role_forbidden' })
  expect((await change({ url: 'https://other.example.com', answer_links: null })).json()).toMatchObject({
    answer_links: null,
  })
})

test('links are over with the key that asked for them, also where its user has another one', async () => {
  await open()
  const owner = await world.addCaller('operator')
  const another = await world.addCaller('operator', { userId: owner.user.id })
  await subscribe(owner.user.id, owner)
  const { path } = await linkTo({ caller: another })
  expect((await page(path)).statusCode).toBe(200)
  const { store } = world.deps
  const key = (await store.listKeys(owner.user.id, { limit: 10 })).find(({ id }) => id === owner.keyId)
  if (key === undefined) throw new Error('The key is not there.')
  await store.commit({ write: [{ kind: 'save_key', key: { ...key, revokedAt: clock.now() } }] })
  expect((await page(path)).statusCode).toBe(404)
  expect((await ask({ caller: another })).path).toBeUndefined()
})

test('under four eyes who asked for it is sent no link that approves, whomever it names', async () => {
  await open()
  const owner = await world.addCaller('operator')
  const { id } = (await world.call('POST', '/v1/webhooks', hookBody, owner)).json()
  const links = { answer_links: { user_id: world.admin.user.id } }
  expect((await world.call('PATCH', `/v1/webhooks/${id}`, links)).statusCode).toBe(200)
  const known = await world.deps.store.readPolicyNamed('default')
  const document = { ...known?.document, name: 'watched', title: 'Watched' }
  const approvals = { ...known?.document.approvals, four_eyes: true }
  const body = { document: { ...document, approvals }, cedar: known?.cedar }
  expect((await world.call('POST', '/v1/policies', body)).statusCode).toBeLessThan(300)
  expect((await ask({ caller: owner, kind: 'approval' })).path).toBeDefined()
  expect((await ask({ caller: owner, kind: 'approval', policy: 'watched' })).path).toBeUndefined()
  expect((await ask({ caller: owner, kind: 'question', policy: 'watched' })).path).toBeDefined()
})

test.each(['hipaa', 'sox', 'legal_privilege'])(
  'under %s there are links only where the policy allows them',
  async (name) => {
    await open()
    await subscribe(world.admin.user.id)
    expect((await ask({ policy: name })).path).toBeUndefined()
    const version = await world.deps.store.readPolicyNamed(name)
    const addAs = async (own: string, over: object) => {
      const document = { ...version?.document, name: own, title: own, ...over }
      const added = await world.call('POST', '/v1/policies', { document, cedar: version?.cedar })
      expect(added.statusCode, added.body).toBeLessThan(300)
      return (await ask({ policy: own })).path
    }
    // A copy is as closed as what it was made of, until it says otherwise.
    expect(await addAs('copied', {})).toBeUndefined()
    expect(await addAs('opened', { answer_links: 'allow' })).toBeDefined()
  },
)
