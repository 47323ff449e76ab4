import { readFileSync } from 'node:fs'
import type { Agent } from '../../src/domain/agent.ts'
import type { Content } from '../../src/domain/content.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import type { TaskSnapshot } from '../../src/domain/evolve.ts'
import { schemaOfAnswers } from '../../src/domain/prompt.ts'
import { submitTask } from '../../src/engine/commands/submit-task.ts'
import { mintAnswerLink } from '../../src/engine/prompts/answer-links.ts'
import { commitEvents } from '../../src/journal/commit-events.ts'
import { recordEvents } from '../../src/journal/record-events.ts'
import { contentOf } from '../../src/proof/digests.ts'
import type { Caller, World } from './create-world.ts'
import { until } from './until.ts'

/** Whose things are changed: somebody with an agent, a chat and the key of an operator. */
export interface Owner {
  readonly world: World
  readonly caller: Caller
  readonly agent: Agent
  /** The answer to a request of theirs, which must be granted. */
  ask(method: 'GET' | 'POST' | 'PUT', url: string, body?: object, who?: Caller): Promise<Answered>
}

/** What is read here of answers of all kinds. */
interface Answered {
  readonly id: string
  readonly task_id: number
  readonly taskId: string
  readonly statements: readonly { readonly kind: string; readonly digest: string }[]
  readonly deliveries: readonly { readonly id: string }[]
}

/** One request, with what it needs made before it. */
export interface ChangingCall {
  readonly path: string
  readonly body?: object | undefined
}

export async function addOwner(world: World, teamId: string | null = null): Promise<Owner> {
  const caller = await world.addCaller('operator', { teamId })
  const ask: Owner['ask'] = async (method, url, body, who = caller) => {
    const answer = await world.call(method, url, body, who)
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
    return answer.json()
  }
  const { id } = await ask('POST', '/mandate/v1/agents', {
    name: 'worker',
    tools: ['write_file'],
    capabilities: ['*'],
  })
  const agent = await world.deps.store.readAgent(id)
  if (agent === undefined) throw new Error('The agent is not there.')
  return { world, caller, agent, ask }
}

const later = '2100-01-01T00:00:00Z'

/** A task that stays in the queue. */
async function queued({ ask, agent }: Owner): Promise<string> {
  const { id } = await ask('POST', '/mandate/v1/tasks', { input: 'say hello', agent_id: agent.id, not_before: later })
  return id
}

/** A task of Agentrix that goes on until it is stopped. */
async function started(owner: Owner): Promise<string> {
  const { taskId } = await owner.ask('POST', '/agentrix/v1/agentrix/tasks/start', {
    chatId: await chat(owner),
    cloudId: 'cloud-default',
    message: { role: 'user', content: 'wait 600 seconds' },
  })
  return taskId
}

async function startedAndStopped(owner: Owner): Promise<string> {
  const id = await started(owner)
  await owner.ask('POST', `/agentrix/v1/tasks/${id}/stop`)
  return id
}

/** A task of Xagent that has ended. */
async function endedOfXagent({ world, caller, agent, ask }: Owner): Promise<string> {
  const own = { userId: caller.user.id, dialect: 'xagent', agentId: agent.id } as const
  const key = await world.addCaller('operator', own)
  const { task_id } = await ask('POST', '/xagent/v1/chat/tasks', { agent_id: agent.number, message }, key)
  await until('the task to end', async () => (await world.deps.store.readTaskByNumber(task_id))?.state === 'succeeded')
  return String(task_id)
}

async function stopped(owner: Owner): Promise<string> {
  const id = await queued(owner)
  await owner.ask('POST', `/mandate/v1/tasks/${id}/stop`)
  return id
}

async function ended(owner: Owner): Promise<string> {
  const id = await queued(owner)
  await owner.ask('POST', `/mandate/v1/tasks/${id}/cancel`)
  return id
}

async function held(owner: Owner): Promise<string> {
  const id = await ended(owner)
  await owner.ask('PUT', `/mandate/v1/tasks/${id}/hold`, { reason: 'a case' }, owner.world.admin)
  return id
}

/** The certificate of an action that was carried out. */
async function certificate({ world, ask, agent }: Owner): Promise<string> {
  const { id } = await ask('POST', '/mandate/v1/tasks', { input: 'write x to a.txt', agent_id: agent.id })
  await until('the task to end', async () => (await world.deps.store.readTask(id))?.state === 'succeeded')
  const { statements } = await ask('GET', `/mandate/v1/tasks/${id}/statements`)
  return statements.find(({ kind }) => kind === 'certificate')?.digest ?? ''
}

const question = (owner: Owner) => openPrompt(owner, 'question')
const approval = (owner: Owner) => openPrompt(owner, 'approval')

/** An open prompt of a task that stays in the queue. */
const openPrompt = async (owner: Owner, kind: 'question' | 'approval') => openPromptOf(owner, await queued(owner), kind)

/** The path of a link by which the owner may answer a question. */
async function answerLink(owner: Owner): Promise<string> {
  const { deps } = owner.world
  const prompt = await deps.store.readPrompt(await question(owner))
  const snapshot = await deps.store.readSnapshot(prompt?.taskId ?? '')
  const granted = { userId: owner.caller.user.id, grantedRole: 'operator', grantedKeyId: null } as const
  const link = prompt && snapshot && (await mintAnswerLink(deps, granted, prompt, snapshot))
  if (link === undefined) throw new Error('There is no link.')
  return `/mandate${new URL(link.url).pathname}`
}

/** A task with an open question. */
const asking =
  (make: (owner: Owner) => Promise<string>) =>
  async (owner: Owner): Promise<string> => {
    const id = await make(owner)
    await openPromptOf(owner, id.replace('task-', ''), 'question')
    return id
  }

async function openPromptOf(owner: Owner, taskId: string, prompt_kind: 'question' | 'approval'): Promise<string> {
  const snapshot = await owner.world.deps.store.readSnapshot(taskId)
  if (snapshot === undefined) throw new Error('The task is not there.')
  const { event, payload, prompt } = promptOf(owner, snapshot, prompt_kind)
  await commitTo(owner, snapshot, [event], payload)
  return prompt
}

/** A task of Xagent that waits for its user. It stays in the queue when they have answered. */
async function waitingOfXagent(owner: Owner): Promise<string> {
  const { world, caller, agent } = owner
  const { user } = caller
  const principal = {
    userId: user.id,
    teamId: user.teamId,
    role: 'operator',
    dialect: 'xagent',
    agentId: agent.id,
    keyId: null,
  } as const
  const snapshot = await submitTask(world.deps, principal, {
    input: { text: 'say hello' },
    agentId: agent.id,
    dialect: 'xagent',
    extension: { source: 'sdk' },
    notBefore: Date.parse(later),
  })
  const { event, payload } = promptOf(owner, snapshot, 'question')
  const of = { run: snapshot.run.id, attempt: 1, at: event.at, contents: {} }
  const claimed: NewEvent = { ...of, kind: 'run.claimed', facts: { attempt: 1 } }
  const waiting: NewEvent = { ...of, kind: 'run.waiting', facts: { for: 'prompt' } }
  await commitTo(owner, snapshot, [claimed, event, waiting], payload)
  return String(snapshot.task.number)
}

async function commitTo(
  { world: { deps } }: Owner,
  snapshot: TaskSnapshot,
  events: readonly NewEvent[],
  payload: Content,
) {
  const outcome = await commitEvents(deps, [recordEvents(deps, snapshot, events, { contents: [payload] })])
  if (!outcome.committed) throw new Error('The task has changed.')
}

function promptOf({ world: { deps } }: Owner, snapshot: TaskSnapshot, prompt_kind: 'question' | 'approval') {
  const asked = { questions: [{ id: 'answer', question: 'Which?', options: [], multiple: false, default: null }] }
  const payload = contentOf(
    deps.randomness.newSalt(),
    JSON.stringify({ ...asked, schema: schemaOfAnswers(asked) }),
    'application/json',
  )
  const prompt = deps.randomness.newId()
  const facts = { prompt, prompt_kind, step: 1, action: null, tool: null, categories: [] } as const
  const event: NewEvent = {
    kind: 'prompt.opened',
    run: snapshot.run.id,
    attempt: null,
    at: deps.clock.now(),
    facts: { ...facts, version: 1, expires_at: null, on_expiry: 'deny' },
    contents: { payload: payload.digest },
  }
  return { event, payload, prompt }
}

async function anotherAgent({ ask }: Owner): Promise<string> {
  const { id } = await ask('POST', '/mandate/v1/agents', { name: 'another' })
  return id
}

async function pausedAgent(owner: Owner): Promise<string> {
  const id = await anotherAgent(owner)
  await owner.ask('POST', `/mandate/v1/agents/${id}/pause`)
  return id
}

/** A key with another role than the owner's: one that only reads. */
async function viewersKey({ ask }: Owner): Promise<string> {
  const { id } = await ask('POST', '/mandate/v1/keys', { name: 'reader', role: 'viewer' })
  return id
}

async function webhook({ ask }: Owner): Promise<string> {
  const { id } = await ask('POST', '/mandate/v1/webhooks', { url: 'https://hooks.example.com/x', events: ['*'] })
  return id
}

async function delivery(owner: Owner): Promise<string> {
  const hook = await webhook(owner)
  await queued(owner)
  const { deliveries } = await owner.ask('GET', `/mandate/v1/webhooks/${hook}/deliveries`)
  const [first] = deliveries
  return `${hook}/deliveries/${first?.id}`
}

async function user({ world: { admin }, ask }: Owner): Promise<string> {
  return (await ask('POST', '/mandate/v1/users', { name: 'Ada' }, admin)).id
}

async function team({ world: { admin }, ask }: Owner): Promise<string> {
  return (await ask('POST', '/mandate/v1/teams', { name: 'red' }, admin)).id
}

const policyText = (ending: string) =>
  readFileSync(new URL(`../../policies/default.${ending}`, import.meta.url), 'utf8')
let policies = 0
function policy() {
  policies += 1
  const document = { ...JSON.parse(policyText('json')), name: `mine_${policies}`, title: 'Mine' }
  return { document, cedar: policyText('cedar') }
}

async function chat({ ask, agent }: Owner): Promise<string> {
  const members = [{ type: 'agent', memberCode: `agent-${agent.id}` }]
  return (await ask('POST', '/agentrix/v1/agentrix/chats', { members })).id
}

const hex = (id: string) => id.replaceAll('-', '')
const message = { role: 'user', content: 'say hello' }
type Prepare = (owner: Owner) => Promise<ChangingCall>
const at =
  (make: (owner: Owner) => Promise<string>, path: (id: string, owner: Owner) => string, body?: object): Prepare =>
  async (owner) => ({ path: path(await make(owner), owner), body })
const just =
  (path: (owner: Owner) => string, body?: (owner: Owner) => object): Prepare =>
  async (owner) => ({ path: path(owner), body: body?.(owner) })

/**
 * A request of each call that changes something or is made with POST, by dialect, method and path, with what it needs made anew
 * by its owner. A test that walks the routes of the server fails for one that is not here.
 */
export const changingCalls: Readonly<Record<string, Prepare>> = {
  'native POST /v1/tasks': just(
    () => '/mandate/v1/tasks',
    ({ agent }) => ({ input: 'say hello', agent_id: agent.id, not_before: later }),
  ),
  'native POST /v1/tasks/:id/messages': at(ended, (id) => `/mandate/v1/tasks/${id}/messages`, { input: 'say more' }),
  'native POST /v1/tasks/:id/cancel': at(queued, (id) => `/mandate/v1/tasks/${id}/cancel`),
  'native POST /v1/tasks/:id/stop': at(queued, (id) => `/mandate/v1/tasks/${id}/stop`),
  'native POST /v1/tasks/:id/resume': at(stopped, (id) => `/mandate/v1/tasks/${id}/resume`),
  'native POST /v1/prompts/:id/answer': at(question, (id) => `/mandate/v1/prompts/${id}/answer`, {
    data: { answers: { answer: 'this' } },
    message: 'because',
  }),
  'native POST /v1/prompts/:id/approve': at(approval, (id) => `/mandate/v1/prompts/${id}/approve`),
  'native POST /v1/prompts/:id/deny': at(approval, (id) => `/mandate/v1/prompts/${id}/deny`, { message: 'no' }),
  'native POST /v1/prompts/:id/cancel': at(question, (id) => `/mandate/v1/prompts/${id}/cancel`, { message: 'no' }),
  'native POST /answer/:token': at(answerLink, (path) => path, { outcome: 'answered', a0: 'this' }),
  'native POST /v1/tasks/:id/purge': at(ended, (id) => `/mandate/v1/tasks/${id}/purge`),
  'native PUT /v1/tasks/:id/hold': at(ended, (id) => `/mandate/v1/tasks/${id}/hold`, { reason: 'a case' }),
  'native DELETE /v1/tasks/:id/hold': at(held, (id) => `/mandate/v1/tasks/${id}/hold`),
  'native POST /v1/statements/:digest/revoke': at(certificate, (digest) => `/mandate/v1/statements/${digest}/revoke`),
  'native POST /v1/policies': just(() => '/mandate/v1/policies', policy),
  'native POST /v1/policies/check': just(() => '/mandate/v1/policies/check', policy),
  'native POST /v1/policies/what-if': just(
    () => '/mandate/v1/policies/what-if',
    () => ({ policy: 'default' }),
  ),
  'native POST /v1/agents': just(
    () => '/mandate/v1/agents',
    () => ({ name: 'made', instructions: 'Be brief.' }),
  ),
  // The very agent that some keys are bound to.
  'native PATCH /v1/agents/:id': just(
    ({ agent }) => `/mandate/v1/agents/${agent.id}`,
    () => ({ description: 'changed' }),
  ),
  'native DELETE /v1/agents/:id': at(anotherAgent, (id) => `/mandate/v1/agents/${id}`),
  'native POST /v1/agents/:id/pause': at(anotherAgent, (id) => `/mandate/v1/agents/${id}/pause`),
  'native POST /v1/agents/:id/resume': at(pausedAgent, (id) => `/mandate/v1/agents/${id}/resume`),
  'native POST /v1/agents/:id/stop': at(anotherAgent, (id) => `/mandate/v1/agents/${id}/stop`),
  'native POST /v1/keys': just(
    () => '/mandate/v1/keys',
    () => ({ name: 'made', role: 'viewer' }),
  ),
  'native DELETE /v1/keys/:id': at(viewersKey, (id) => `/mandate/v1/keys/${id}`),
  'native POST /v1/keys/rotate-signing': just(() => '/mandate/v1/keys/rotate-signing'),
  'native POST /v1/keys/:id/webhook-secret/rotate': at(
    viewersKey,
    (id) => `/mandate/v1/keys/${id}/webhook-secret/rotate`,
  ),
  'native POST /v1/users': just(
    () => '/mandate/v1/users',
    () => ({ name: 'Ada' }),
  ),
  'native PATCH /v1/users/:id': at(user, (id) => `/mandate/v1/users/${id}`, { name: 'Bea' }),
  'native POST /v1/teams': just(
    () => '/mandate/v1/teams',
    () => ({ name: 'red', webhook_url: 'https://hooks.example.com/red' }),
  ),
  'native PATCH /v1/teams/:id': at(team, (id) => `/mandate/v1/teams/${id}`, { name: 'blue' }),
  'native POST /v1/webhooks': just(
    () => '/mandate/v1/webhooks',
    ({ agent }) => ({ url: 'https://hooks.example.com/x', agent_id: agent.id }),
  ),
  'native PATCH /v1/webhooks/:id': at(webhook, (id) => `/mandate/v1/webhooks/${id}`, { state: 'disabled' }),
  'native DELETE /v1/webhooks/:id': at(webhook, (id) => `/mandate/v1/webhooks/${id}`),
  'native POST /v1/webhooks/:id/deliveries/:delivery/replay': at(delivery, (id) => `/mandate/v1/webhooks/${id}/replay`),
  'native POST /v1/webhooks/:id/secret/rotate': at(webhook, (id) => `/mandate/v1/webhooks/${id}/secret/rotate`),

  'agentrix POST /v1/agentrix/chats': just(
    () => '/agentrix/v1/agentrix/chats',
    ({ agent }) => ({ members: [{ type: 'agent', memberCode: `agent-${agent.id}` }] }),
  ),
  'agentrix POST /v1/agentrix/tasks/start': async (owner) => {
    const body = { chatId: await chat(owner), cloudId: 'cloud-default', message }
    return { path: '/agentrix/v1/agentrix/tasks/start', body }
  },
  'agentrix POST /v1/tasks/:taskId/resume': at(startedAndStopped, (id) => `/agentrix/v1/tasks/${id}/resume`),
  'agentrix POST /v1/tasks/:taskId/cancel': at(started, (id) => `/agentrix/v1/tasks/${id}/cancel`),
  'agentrix POST /v1/tasks/:taskId/stop': at(started, (id) => `/agentrix/v1/tasks/${id}/stop`),
  'agentrix POST /v1/tasks/:taskId/events/fill': at(started, (id) => `/agentrix/v1/tasks/${id}/events/fill`, {
    sequences: [0],
  }),
  'agentrix POST /v1/tasks/:taskId/messages': at(asking(started), (id) => `/agentrix/v1/tasks/${id}/messages`, {
    message: { type: 'ask_user_response', answers: ['yes'], status: 'answered' },
  }),
  'agentrix POST /v1/agentrix/tasks/:taskId/share': at(started, (id) => `/agentrix/v1/agentrix/tasks/${id}/share`, {}),

  'certior POST /api/v1/tasks': just(
    () => '/certior/api/v1/tasks',
    () => ({ task: 'say hello', permissions: [] }),
  ),
  'certior DELETE /api/v1/executions/:id': at(queued, (id) => `/certior/api/v1/executions/exec_${hex(id)}`),

  'neo POST /api/v1/tasks': just(
    () => '/neo/api/v1/tasks',
    ({ agent }) => ({ task: 'say hello', agent_id: agent.id, response_format: 'json' }),
  ),
  'neo POST /api/v1/tasks/:id/approve': at(asking(queued), (id) => `/neo/api/v1/tasks/${id}/approve`, {
    decision: 'approve',
    metadata: { answers: ['yes'] },
  }),

  'shinzo POST /agent/request/:id': just(
    ({ agent }) => `/shinzo/agent/request/${agent.id}`,
    () => ({ message: 'say hello' }),
  ),
  'shinzo POST /agent/:id/task/:taskId/message': at(
    queued,
    (id, { agent }) => `/shinzo/agent/${agent.id}/task/tsk_${hex(id)}/message`,
    { message: 'say more' },
  ),
  'shinzo POST /agent/:id/task/:taskId/cancel': at(
    queued,
    (id, { agent }) => `/shinzo/agent/${agent.id}/task/tsk_${hex(id)}/cancel`,
  ),
  'shinzo POST /agent/:id/pause': at(anotherAgent, (id) => `/shinzo/agent/${id}/pause`),
  'shinzo POST /agent/:id/resume': at(pausedAgent, (id) => `/shinzo/agent/${id}/resume`),

  'xagent POST /v1/chat/tasks': just(
    () => '/xagent/v1/chat/tasks',
    ({ agent }) => ({ agent_id: agent.number, message }),
  ),
  'xagent POST /v1/chat/tasks/:task_id/messages': async (owner) => ({
    path: `/xagent/v1/chat/tasks/${await endedOfXagent(owner)}/messages`,
    body: { agent_id: owner.agent.number, message },
  }),
  'xagent POST /v1/chat/tasks/:task_id/reply': async (owner) => ({
    path: `/xagent/v1/chat/tasks/${await waitingOfXagent(owner)}/reply`,
    body: { agent_id: owner.agent.number, message },
  }),
}

/** What is named like a call and opens nothing: paths of other products that this server does not speak. */
export const closedCalls = /^xagent \w+ \/v1\/(me|templates|agents)|^certior_or_neo /u

/** The calls of the server that change something, or are made with POST. */
export function routesThatChange({ app }: World) {
  const reading = new Set(['GET', 'HEAD', 'OPTIONS'])
  return app.edgeRoutes
    .filter(({ method }) => !reading.has(method))
    .map((route) => ({ ...route, name: `${route.dialect} ${route.method} ${route.url}` }))
    .filter(({ name }) => !closedCalls.test(name))
}
