// `npm run dialects`: starts a server on data of its own and lets a client of each dialect create a task, watch it and see it
// end; then an agent asks a question, and the answer comes in the words of each that can answer. Ends with 0 when all did.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const adminKey = 'the-admin-key-of-this-show'
const message = 'write five words for every client to words.txt then count the words in words.txt'
const expected = 'words.txt has 5 words'
const asking = 'ask: Which color? [red|blue] then say the color is {answer}'
const expectedAnswer = 'the color is blue'

type Body = Record<string, unknown>

/** The socket of an execution takes its key in the address. */
let certiorKey = ''

interface Answer {
  readonly status: number
  readonly body: Body
  readonly text: string
}

/** How a client of each answers what an agent asks. */
const questions = {
  native: askNative,
  xagent: askXagent,
  certior: askCertior,
  neo: askNeo,
  agentrix: askAgentrix,
  shinzo: askShinzo,
}

const folder = mkdtempSync(join(tmpdir(), 'mandate-dialects-'))
const bin = fileURLToPath(new URL('../bin/mandate.mjs', import.meta.url))
const env = {
  ...process.env,
  MANDATE_DATA: folder,
  MANDATE_PORT: '0',
  MANDATE_ADMIN_KEY: adminKey,
  MANDATE_LOG_LEVEL: 'error',
}
const server = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
const ended = new Promise((resolve) => server.once('exit', resolve))

try {
  const url = await listeningUrl()
  console.log(`Mandate listens on ${url}. Each client below speaks its own dialect to it.`)
  const agent = await defaultAgent(url)
  let failures = 0
  const calls = new Map<string, Call>([['native', callWith(url, adminKey)]])
  for (const [name, show] of Object.entries({ xagent, certior, neo, agentrix, shinzo })) {
    console.log(`\n${name}`)
    const call = callWith(url, await newKey(url, name, agent.id))
    calls.set(name, call)
    const said = await show(call, agent)
    const good = said.includes(expected)
    if (!good) failures += 1
    console.log(good ? `  ended: ${expected}` : `  did not end as it should: ${said.slice(0, 300)}`)
  }
  console.log(
    failures === 0 ? '\nAll five dialects created, watched and ended a task.' : `\n${failures} of five failed.`,
  )
  let unanswered = 0
  console.log(`\nNow an agent asks in each: ${asking}`)
  for (const [name, ask] of Object.entries(questions)) {
    console.log(`\n${name}`)
    const call = calls.get(name)
    const said = call === undefined ? 'There is no key.' : await ask(call, agent)
    const good = said.includes(expectedAnswer)
    if (!good) unanswered += 1
    console.log(
      good ? `  answered, and went on: ${expectedAnswer}` : `  did not go on as it should: ${said.slice(0, 300)}`,
    )
  }
  const asked = Object.keys(questions).join(', ')
  console.log(
    unanswered === 0 ? `\nA question was answered in ${asked}.` : `\n${unanswered} questions were not answered.`,
  )
  process.exitCode = failures + unanswered === 0 ? 0 : 1
} finally {
  server.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
}

type Call = (method: string, path: string, body?: Body, accept?: string) => Promise<Answer>
type AgentRef = { readonly id: string; readonly number: number }

function callWith(url: string, key: string): Call {
  return (method, path, body, accept = 'application/json') => request(url, key, method, path, body, accept)
}

async function xagent(call: Call, agent: AgentRef): Promise<string> {
  const body = { agent_id: agent.number, message: { role: 'user', content: message }, metadata: { trace_id: 't-1' } }
  const created = await call('POST', '/v1/chat/tasks', body)
  const events = await call('GET', `/v1/chat/tasks/${created.body['task_id']}/events`, undefined, 'text/event-stream')
  console.log(`  watched: ${countFrames(events.text)} frames`)
  const task = await call('GET', `/v1/chat/tasks/${created.body['task_id']}`)
  return String(task.body['output'])
}

async function certior(call: Call): Promise<string> {
  const created = await call('POST', '/api/v1/tasks', { task: message, budget_cents: 2000 })
  const id = String(created.body['execution_id'])
  const frames = await watchSocket(String(created.body['websocket_url']))
  console.log(`  watched: ${frames} frames on its WebSocket`)
  const execution = await call('GET', `/api/v1/executions/${id}`)
  return execution.text
}

async function neo(call: Call): Promise<string> {
  const stream = await call('POST', '/api/v1/tasks', { task: message }, 'text/event-stream')
  console.log(`  watched: ${countFrames(stream.text)} chunks of a UI message stream`)
  const list = await call('GET', '/api/v1/tasks')
  const id = /"id":\s*"([0-9a-f-]{36})"/u.exec(list.text)?.[1]
  const task = await call('GET', `/api/v1/tasks/${id}`)
  return task.text
}

async function agentrix(call: Call, agent: AgentRef): Promise<string> {
  const members = [{ memberCode: agent.id, type: 'agent' }]
  const chat = await call('POST', '/v1/agentrix/chats', { type: 'direct', members })
  const message_ = { role: 'user', content: message }
  const body = { chatId: chat.body['id'], cloudId: 'cloud-default', message: message_, customTitle: 'Count words' }
  const created = await call('POST', '/v1/agentrix/tasks/start', body)
  const id = String(created.body['taskId'])
  await untilEnded(call, `/v1/tasks/${id}`, 'state')
  const events = await call('GET', `/v1/tasks/${id}/events?limit=100`)
  console.log(`  watched: ${(events.body['events'] as unknown[]).length} events`)
  return events.text
}

async function shinzo(call: Call, agent: AgentRef): Promise<string> {
  const created = await call('POST', `/agent/request/${agent.id}`, { message, priority: 7 })
  const path = new URL(String(created.body['poll_url'])).pathname
  const task = await untilEnded(call, path, 'status')
  return task.text
}

async function askNative(call: Call): Promise<string> {
  const created = await call('POST', '/mandate/v1/tasks', { input: asking, ask_question: true })
  const inbox = await call('GET', '/mandate/v1/prompts?wait=30')
  const [prompt] = inbox.body['prompts'] as { id: string }[]
  await call('POST', `/mandate/v1/prompts/${prompt?.id}/answer`, { data: { answers: { answer: 'blue' } } })
  return (await call('GET', `/mandate/v1/tasks/${created.body['id']}?wait=30`)).text
}

async function askXagent(call: Call, agent: AgentRef): Promise<string> {
  const about = { agent_id: agent.number, metadata: { trace_id: 't-2' } }
  const body = { ...about, message: { role: 'user', content: asking }, ask_question: true }
  const path = `/v1/chat/tasks/${(await call('POST', '/v1/chat/tasks', body)).body['task_id']}`
  await untilSaid(call, path, '"waiting_for_user"')
  await call('POST', `${path}/reply`, { agent_id: agent.number, message: { content: 'blue' } })
  return await untilSaid(call, path, expectedAnswer)
}

/** Certior has no words for it: an execution shows where its prompts are answered natively, with the same key. */
async function askCertior(call: Call): Promise<string> {
  const created = await call('POST', '/api/v1/tasks', { task: asking, budget_cents: 2000, ask_question: true })
  const path = `/api/v1/executions/${created.body['execution_id']}`
  const shown = await untilSaid(call, path, '"prompt_url"')
  const prompt = new URL(/"prompt_url":\s*"([^"]+)"/u.exec(shown)?.[1] ?? '')
  await call('POST', `${prompt.pathname}/answer`, { data: { answers: { answer: 'blue' } } })
  return await untilSaid(call, path, expectedAnswer)
}

async function askNeo(call: Call): Promise<string> {
  await call('POST', '/api/v1/tasks', { task: asking, ask_question: true }, 'text/event-stream')
  const list = await call('GET', '/api/v1/tasks')
  const path = `/api/v1/tasks/${/"id":\s*"([0-9a-f-]{36})"/u.exec(list.text)?.[1]}`
  await call('POST', `${path}/approve`, { decision: 'approve', metadata: { answers: ['blue'] } })
  return await untilSaid(call, path, expectedAnswer)
}

async function askAgentrix(call: Call, agent: AgentRef): Promise<string> {
  const members = [{ memberCode: agent.id, type: 'agent' }]
  const chat = await call('POST', '/v1/agentrix/chats', { type: 'direct', members })
  const message_ = { role: 'user', content: asking }
  const body = { chatId: chat.body['id'], cloudId: 'cloud-default', message: message_, askUser: true }
  const path = `/v1/tasks/${(await call('POST', '/v1/agentrix/tasks/start', body)).body['taskId']}`
  const shown = await untilSaid(call, `${path}/events?limit=100`, '"ask_user"')
  const events = JSON.parse(shown).events as { eventId: string; eventData: { message: { type: string } } }[]
  const opCode = events.find(({ eventData }) => eventData.message.type === 'ask_user')?.eventId
  const response = { type: 'ask_user_response', answers: ['blue'], status: 'answered', reason: 'user' }
  await call('POST', `${path}/messages`, { opCode, message: response })
  return await untilSaid(call, path, expectedAnswer)
}

async function askShinzo(call: Call, agent: AgentRef): Promise<string> {
  const created = await call('POST', `/agent/request/${agent.id}`, { message: asking, ask_question: true })
  const path = new URL(String(created.body['poll_url'])).pathname
  await untilSaid(call, path, '"awaiting_input"')
  await call('POST', `${path}/message`, { message: 'blue' })
  return await untilSaid(call, path, expectedAnswer)
}

/** Reads until the answer holds these words, and answers with the last of what it read. */
async function untilSaid(call: Call, path: string, words: string): Promise<string> {
  let last = ''
  for (let tries = 0; tries < 200; tries += 1) {
    last = (await call('GET', path)).text
    if (last.includes(words)) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return last
}

async function untilEnded(call: Call, path: string, word: string): Promise<Answer> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await call('GET', path)
    const state = String(answer.body[word])
    if (!['pending', 'queued', 'running'].includes(state)) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${path} did not end.`)
}

async function request(url: string, key: string, method: string, path: string, body: Body | undefined, accept: string) {
  const headers = { authorization: `Bearer ${key}`, accept, ...(body && { 'content-type': 'application/json' }) }
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await response.text()
  const json: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {}
  if (method === 'POST')
    console.log(`  ${method} ${path} -> ${response.status} ${text.replaceAll('\n', ' ').slice(0, 160)}`)
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`)
  return { status: response.status, body: json as Body, text }
}

async function watchSocket(address: string): Promise<number> {
  const socket = new WebSocket(`${address}?api_key=${encodeURIComponent(certiorKey)}`)
  let frames = 0
  await new Promise<void>((resolve, reject) => {
    socket.onmessage = () => {
      frames += 1
    }
    socket.onclose = () => resolve()
    socket.onerror = () => reject(new Error(`The socket ${address} failed.`))
  })
  return frames
}

async function newKey(url: string, dialect: string, agentId: string): Promise<string> {
  const body = { name: `a client of ${dialect}`, dialect, ...(dialect === 'xagent' && { agent_id: agentId }) }
  const { body: made } = await admin(url, 'POST', '/mandate/v1/keys', body)
  if (dialect === 'certior') certiorKey = String(made['key'])
  return String(made['key'])
}

async function defaultAgent(url: string): Promise<AgentRef> {
  const { body } = await admin(url, 'GET', '/mandate/v1/agents')
  const [agent] = body['agents'] as AgentRef[]
  if (agent === undefined) throw new Error('There is no agent.')
  return agent
}

async function admin(url: string, method: string, path: string, body?: Body): Promise<{ body: Body }> {
  const headers = { authorization: `Bearer ${adminKey}`, ...(body && { 'content-type': 'application/json' }) }
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`)
  return { body: (await response.json()) as Body }
}

function countFrames(text: string): number {
  return text.split('\n\n').filter((frame) => /^(?:data|event|id):/mu.test(frame)).length
}

async function listeningUrl(): Promise<string> {
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /^listening on (\S+)$/u.exec(line)?.[1]
    if (found !== undefined) return found
  }
  throw new Error('The server did not start.')
}
