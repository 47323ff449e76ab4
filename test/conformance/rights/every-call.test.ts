import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiKey } from '../../../src/domain/identity.ts'
import type { Commit, CommitOutcome } from '../../../src/store/commit.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  addOwner,
  type ChangingCall,
  changingCalls,
  type Owner,
  routesThatChange,
} from '../../support/changing-calls.ts'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
let owner: Owner
let commits: Commit[] = []
type Principals = Readonly<Record<string, { readonly authorization: string }>>
let principals: Principals
let ofXagent: Principals

const secret = 'a secret of at least thirty-two bytes'
async function tokenOf(subject: string, expiresAt: number): Promise<{ readonly authorization: string }> {
  const token = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(subject)
  const signed = await token.setExpirationTime(new Date(expiresAt)).sign(new TextEncoder().encode(secret))
  return { authorization: `Bearer ${signed}` }
}

/** Whoever may come to a thing of the owner's. `agentId`: what their keys are bound to, where they are not bound otherwise. */
async function addPrincipals(bound: Pick<ApiKey, 'agentId' | 'dialect'>): Promise<Principals> {
  const { user } = owner.caller
  const { teamId } = owner.agent
  const now = world.deps.clock.now()
  const own = { ...bound, userId: user.id }
  const key = async (...of: Parameters<World['addCaller']>) => (await world.addCaller(...of)).headers
  const another = (await owner.ask('POST', '/v1/agents', { name: 'not of the task' })).id
  return {
    operator: await key('operator', own),
    admin: await key('admin', own),
    approver: await key('approver', own),
    auditor: await key('auditor', own),
    viewer: await key('viewer', own),
    'of its agent': await key('operator', { ...own, agentId: owner.agent.id }),
    'admin of its agent': await key('admin', { ...own, agentId: owner.agent.id }),
    'of another agent': await key('operator', { ...own, agentId: another }),
    mate: await key('operator', { ...bound, teamId }),
    stranger: await key('operator', bound),
    "stranger's viewer": await key('viewer', bound),
    "stranger's token": await tokenOf('somebody', now + 3_600_000),
    'another auditor': await key('auditor', bound),
    'another admin': await key('admin', bound),
    revoked: await key('admin', { ...own, revokedAt: now - 1_000 }),
    expired: await tokenOf(user.id, now - 3_600_000),
    nobody: { authorization: '' },
  }
}

beforeAll(async () => {
  const wrapStore = (store: Store): Store => ({
    ...store,
    async commit(commit): Promise<CommitOutcome> {
      commits.push(commit)
      return store.commit(commit)
    },
  })
  const jwt = { secret, jwksUrl: undefined, issuer: undefined, audience: undefined, createUsers: true }
  world = await createWorld({ wrapStore, limits: { webhooks_max: 10_000 }, settings: { jwt } })
  owner = await addOwner(world, 'red')
  principals = await addPrincipals({ agentId: null, dialect: 'native' })
  ofXagent = await addPrincipals({ agentId: owner.agent.id, dialect: 'xagent' })
  // The user of a token is made when it is first shown.
  await world.app.inject({ url: '/v1/tasks', headers: principals["stranger's token"] ?? {} })
})
afterAll(() => world.close())

/** Writes that make or change what a call is about. What runs by themselves write meanwhile is none of them. */
const making =
  /^insert_(?!run)|_agent$|_secret$|_policy$|share$|delivery$|_endpoint$|purge|_key$|_user$|_team$|put_setting/u

/** What each of them is told: `ok` where it was done, else the status. A refusal has written nothing. */
async function askAll(name: string): Promise<Record<string, string>> {
  const statuses: Record<string, string> = {}
  const [dialect, method] = name.split(' ')
  let call: ChangingCall | undefined
  for (const [who, headers] of Object.entries(dialect === 'xagent' ? ofXagent : principals)) {
    call ??= await changingCalls[name]?.(owner)
    if (call === undefined) throw new Error(`There is no request for ${name}.`)
    commits = []
    const { path, body } = call
    const answer = await world.app.inject({
      method: method as 'POST',
      url: path,
      headers: headers.authorization === '' ? {} : headers,
      ...(body !== undefined && { payload: body }),
    })
    // An action that was carried out has no certificate to take back: who may do that is told so.
    const granted = answer.statusCode < 300 || answer.json().code === 'certificate_used'
    statuses[who] = granted ? 'ok' : String(answer.statusCode)
    if (granted) call = undefined
    else {
      const made = commits.flatMap(({ write }) => write.map(({ kind }) => kind)).filter((kind) => making.test(kind))
      expect(made, `${name} by ${who}`).toEqual([])
    }
  }
  return statuses
}

/**
 * What each principal is told by each call, in the order of `addPrincipals`. Granted is `ok`; nobody else's thing is there
 * (404), what may be seen and not changed is 403, and who has no right credential is told that and nothing else (401).
 */
const table: readonly { readonly rule: string; readonly told: string; readonly calls: readonly string[] }[] = [
  {
    rule: 'who works with the task answers what it asks, and so do approvers',
    told: 'ok ok ok 403 403  ok ok 404  404 404 404 404  403 ok  401 401 401',
    calls: [
      'native POST /v1/prompts/:id/answer',
      'native POST /v1/prompts/:id/approve',
      'native POST /v1/prompts/:id/deny',
      'native POST /v1/prompts/:id/cancel',
      'agentrix POST /v1/tasks/:taskId/messages',
      'neo POST /api/v1/tasks/:id/approve',
    ],
  },
  {
    rule: 'who has the link answers once in the name of its user, whatever key they send',
    told: 'ok ok ok ok ok  ok ok ok  ok ok ok ok  ok ok  ok ok ok',
    calls: ['native POST /answer/:token'],
  },
  {
    rule: 'who works with the task changes it',
    told: 'ok ok 403 403 403  ok ok 404  404 404 404 404  403 ok  401 401 401',
    calls: [
      'native POST /v1/tasks/:id/messages',
      'native POST /v1/tasks/:id/cancel',
      'native POST /v1/tasks/:id/stop',
      'native POST /v1/tasks/:id/resume',
      'native POST /v1/tasks/:id/purge',
      'native POST /v1/statements/:digest/revoke',
      'agentrix POST /v1/agentrix/tasks/start', // in a chat of the owner's
      'agentrix POST /v1/tasks/:taskId/resume',
      'agentrix POST /v1/tasks/:taskId/cancel',
      'agentrix POST /v1/tasks/:taskId/stop',
      'agentrix POST /v1/agentrix/tasks/:taskId/share',
      'certior DELETE /api/v1/executions/:id',
      'shinzo POST /agent/:id/task/:taskId/message',
      'shinzo POST /agent/:id/task/:taskId/cancel',
    ],
  },
  {
    rule: 'who may use the agent gives it work, and hears of it',
    told: 'ok ok 403 403 403  ok ok 404  404 404 403 404  403 ok  401 401 401',
    calls: [
      'native POST /v1/tasks',
      'native POST /v1/webhooks',
      'neo POST /api/v1/tasks',
      'shinzo POST /agent/request/:id',
    ],
  },
  {
    rule: 'everybody who works gives the default agent work',
    told: 'ok ok 403 403 403  ok ok ok  ok ok 403 ok  403 ok  401 401 401',
    calls: ['certior POST /api/v1/tasks'],
  },
  {
    rule: 'an agent is used and not changed by keys that are bound to it',
    told: 'ok ok 403 403 403  403 403 404  404 404 404 404  403 ok  401 401 401',
    calls: ['native PATCH /v1/agents/:id'],
  },
  {
    rule: 'agents and webhooks are changed by keys of their user that are bound to none',
    told: 'ok ok 403 403 403  404 404 404  404 404 404 404  403 ok  401 401 401',
    calls: [
      'native DELETE /v1/agents/:id',
      'native POST /v1/agents/:id/pause',
      'native POST /v1/agents/:id/resume',
      'native POST /v1/agents/:id/stop',
      'native PATCH /v1/webhooks/:id',
      'native DELETE /v1/webhooks/:id',
      'native POST /v1/webhooks/:id/deliveries/:delivery/replay',
      'native POST /v1/webhooks/:id/secret/rotate',
      'shinzo POST /agent/:id/pause',
      'shinzo POST /agent/:id/resume',
    ],
  },
  {
    rule: 'agents are made by keys that are bound to none',
    told: 'ok ok 403 403 403  403 403 403  ok ok 403 ok  403 ok  401 401 401',
    calls: ['native POST /v1/agents'],
  },
  {
    rule: 'keys that read are made by keys of every role that are bound to no agent',
    told: 'ok ok ok ok ok  403 403 403  ok ok ok ok  ok ok  401 401 401',
    calls: ['native POST /v1/keys'],
  },
  {
    rule: 'a key is taken back by keys of its user that could have made it',
    told: 'ok ok ok ok ok  404 404 404  404 404 404 404  404 ok  401 401 401',
    calls: ['native DELETE /v1/keys/:id'],
  },
  {
    rule: 'a key has another secret from keys of its user that submit',
    told: 'ok ok 403 403 403  404 404 404  404 404 404 404  404 ok  401 401 401',
    calls: ['native POST /v1/keys/:id/webhook-secret/rotate'],
  },
  {
    rule: 'an administrator changes what belongs to all, with a key that is bound to no agent',
    told: '403 ok 403 403 403  403 403 403  403 403 403 403  403 ok  401 401 401',
    calls: [
      'native PUT /v1/tasks/:id/hold',
      'native DELETE /v1/tasks/:id/hold',
      'native POST /v1/policies',
      'native POST /v1/keys/rotate-signing',
      'native POST /v1/users',
      'native PATCH /v1/users/:id',
      'native POST /v1/teams',
      'native PATCH /v1/teams/:id',
    ],
  },
  {
    rule: 'a chat is made with agents that one may use',
    told: 'ok ok 403 403 403  ok ok 403  404 404 403 404  403 ok  401 401 401',
    calls: ['agentrix POST /v1/agentrix/chats'],
  },
  {
    rule: 'a task is read by its user and by roles that read everything',
    told: 'ok ok ok ok ok  ok ok 404  404 404 404 404  ok ok  401 401 401',
    calls: ['agentrix POST /v1/tasks/:taskId/events/fill'],
  },
  {
    rule: 'policies are read by everybody',
    told: 'ok ok ok ok ok  ok ok ok  ok ok ok ok  ok ok  401 401 401',
    calls: ['native POST /v1/policies/check', 'native POST /v1/policies/what-if'],
  },
  {
    rule: 'a key of Xagent works for an agent that its user may use, and is no key otherwise',
    told: 'ok ok 403 403 403  ok ok 404  401 401 401 401  403 ok  401 401 401',
    calls: ['xagent POST /v1/chat/tasks'],
  },
  {
    rule: 'a task of Xagent is there for the user of its agent',
    told: 'ok ok 403 403 403  ok ok 404  401 401 401 401  404 404  401 401 401',
    calls: ['xagent POST /v1/chat/tasks/:task_id/messages'],
  },
  {
    rule: 'a question of Xagent is answered by the user of its agent, and so by an approver',
    told: 'ok ok ok 403 403  ok ok 404  401 401 401 401  404 404  401 401 401',
    calls: ['xagent POST /v1/chat/tasks/:task_id/reply'],
  },
]

test('every call that changes something, of every API, has a rule', () => {
  const ruled = table.flatMap(({ calls }) => calls)
  const offered = routesThatChange(world).map(({ name }) => name)
  expect(ruled.sort()).toEqual(offered.sort())
})

const rows = table.flatMap(({ rule, told, calls }) => calls.map((name) => ({ rule, told, name })))
test.each(rows)('$rule: $name', async ({ told, name }) => {
  const expected = told.split(/ +/u)
  const answered = await askAll(name)
  expect(expected).toHaveLength(Object.keys(answered).length)
  expect(answered).toEqual(Object.fromEntries(Object.keys(answered).map((who, at) => [who, expected[at]])))
})
