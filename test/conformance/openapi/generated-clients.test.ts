import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import createFetchClient from 'openapi-fetch'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dialect, dialects } from '../../../src/domain/principal.ts'
import { generateClients } from '../../support/generate-clients.ts'
import { mountOf, readDocuments } from '../../support/read-documents.ts'

const generated = new Map<Dialect, Awaited<ReturnType<typeof generateClients>>>()
let documents: Awaited<ReturnType<typeof readDocuments>>
let address: string
beforeAll(async () => {
  documents = await readDocuments({})
  for (const dialect of dialects) generated.set(dialect, await generateClients(documents.textOf(dialect)))
  address = await documents.world.listen()
})
afterAll(async () => {
  for (const clients of generated.values()) clients.remove()
  await documents.close()
})

function clientsOf(dialect: Dialect) {
  const clients = generated.get(dialect)
  if (clients === undefined) throw new Error(`No clients were generated for ${dialect}.`)
  return clients
}

type Rest = { readonly headers?: object; readonly path?: object; readonly query?: object; readonly body?: object }

/** Calls operations by hey-api's client, with a key of the dialect. */
async function callerOf(dialect: Dialect) {
  const { world } = documents
  const agentId = dialect === 'xagent' ? world.agent.id : null
  const { headers } = await world.addCaller('operator', { dialect, agentId })
  const client = await clientsOf(dialect).load()
  return async (name: string, rest: Rest = {}) => {
    const operation = client[name]
    if (operation === undefined) throw new Error(`The client has no ${name}.`)
    const baseUrl = `${address}${mountOf(dialect)}`
    const { response, data, error, stream } = await operation({
      baseUrl,
      ...rest,
      headers: { ...headers, ...rest.headers },
    })
    // biome-ignore lint/suspicious/noExplicitAny: each test knows what its operation answers.
    return { status: response?.status, data: data as any, error: error as any, stream }
  }
}

test('a generated client has a function for every operation of its document', async () => {
  for (const dialect of dialects) {
    const { paths } = JSON.parse(documents.textOf(dialect)) as { paths: Record<string, Record<string, object>> }
    const names = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map((operation) => (operation as { operationId: string }).operationId),
    )
    expect(Object.keys(await clientsOf(dialect).load()).sort(), dialect).toEqual(names.sort())
  }
})

test('the client of the native API runs a task, reads its journal and a file in a folder, and deletes an agent', async () => {
  const call = await callerOf('native')
  const body = { input: 'write x to notes/a.txt' }
  const { status, data: task } = await call('createTask', { body, headers: { Prefer: 'wait=30' } })
  expect([status, task.state]).toEqual([200, 'succeeded'])
  const path = { id: task.id }
  const page = await call('readEvents', { path, query: { after: 1, limit: 2 } })
  expect(page.data.events.map(({ seq }: { seq: number }) => seq)).toEqual([2, 3])
  const file = await call('readFile', { path: { ...path, path: 'notes/a.txt' } })
  expect([file.status, await textOf(file.data)]).toEqual([200, 'x'])
  const agent = await call('createAgent', { body: { name: 'made by a generated client' } })
  expect([agent.status, (await call('deleteAgent', { path: { id: agent.data.id } })).status]).toEqual([201, 204])
  const refused = await call('readTask', { path: { id: '00000000-0000-4000-8000-000000000000' } })
  expect([refused.status, refused.error.code, refused.data]).toEqual([404, 'task_not_found', undefined])
})

const textOf = (data: unknown) => (data instanceof Blob ? data.text() : String(data))

test('the clients of Xagent, Certior, Agentrix and Shinzo create a task and read it', async () => {
  const { agent } = documents.world
  const { number = 0 } = (await documents.world.deps.store.readAgent(agent.id)) ?? {}

  const xagent = await callerOf('xagent')
  const accepted = await xagent('createTask', { body: { agent_id: number, message: { content: 'say x' } } })
  expect(accepted.status, JSON.stringify(accepted)).toBe(202)
  expect((await xagent('readTask', { path: { task_id: accepted.data.task_id } })).status).toBe(200)

  const certior = await callerOf('certior')
  const executed = await certior('createTask', { body: { task: 'say x' } })
  expect(executed.status, JSON.stringify(executed)).toBe(201)
  expect((await certior('readExecution', { path: { id: executed.data.execution_id } })).status).toBe(200)

  const agentrix = await callerOf('agentrix')
  const members = [{ memberCode: `agent-${agent.id}`, type: 'agent' }]
  const chat = await agentrix('createChat', { body: { members } })
  expect(chat.status, JSON.stringify(chat)).toBe(201)
  const message = { role: 'user', content: 'say x' }
  const started = await agentrix('startTask', { body: { chatId: chat.data.id, cloudId: 'cloud-default', message } })
  expect(started.status, JSON.stringify(started)).toBe(201)
  expect((await agentrix('readTask', { path: { taskId: started.data.taskId } })).status).toBe(200)

  const shinzo = await callerOf('shinzo')
  const queued = await shinzo('createTask', { path: { id: agent.id }, body: { message: 'say x' } })
  expect(queued.status, JSON.stringify(queued)).toBe(202)
  const path = { id: agent.id, taskId: queued.data.task_id }
  expect((await shinzo('readTask', { path })).status).toBe(200)
})

test('the client of Neo streams the run of a task that it creates', async () => {
  const call = await callerOf('neo')
  const { stream = [] } = await call('createTask', { body: { task: 'say hello' } })
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'finish' })]))
  const { data } = await call('listTasks')
  expect((await call('readTask', { path: { id: data.tasks[0].id } })).data.task.id).toBe(data.tasks[0].id)
})

test('openapi-fetch reads a task by the paths of the document', async () => {
  const { headers } = documents.world.admin
  const client = createFetchClient<Record<string, never>>({
    baseUrl: `${address}/mandate`,
    headers,
  }) as unknown as Untyped
  const { data } = await client.POST('/v1/tasks', { body: { input: 'say x' } })
  const { data: task } = await client.GET('/v1/tasks/{id}', { params: { path: { id: data?.id ?? '' } } })
  expect(task?.id).toBe(data?.id)
})
/** Its methods without the types, which exist only once they are generated. */
type Untyped = Record<'GET' | 'POST', (path: string, options: object) => Promise<{ data?: { readonly id: string } }>>

const consumer = `
import createClient from 'openapi-fetch'
import { createTask, readEvents } from './hey/sdk.gen.ts'
import type { paths } from './paths.ts'

const { data, error } = await createTask({ body: { input: 'say x' } })
export const state: 'queued' | 'running' | undefined = data?.state === 'queued' || data?.state === 'running' ? data.state : undefined
export const code: 'policy_not_found' | undefined = error?.code === 'policy_not_found' ? error.code : undefined
const { data: page } = await readEvents({ path: { id: 'x' } })
export const seqs: number[] | undefined = page?.events.map(({ seq }) => seq)

const client = createClient<paths>({ baseUrl: 'http://127.0.0.1' })
const { data: task } = await client.GET('/v1/tasks/{id}', { params: { path: { id: 'x' } } })
export const id: string | undefined = task?.id

// @ts-expect-error: a task needs an input.
void createTask({ body: {} })
// @ts-expect-error: no task is in this state.
export const never = data?.state === 'finished'
// @ts-expect-error: there is no such path.
void client.GET('/v1/nothing')
`

test('what is generated compiles under strict rules, and its types know bodies, answers, codes and paths', () => {
  const { folder } = clientsOf('native')
  writeFileSync(join(folder, 'consumer.ts'), consumer)
  const files = dialects.flatMap((dialect) =>
    ['hey/sdk.gen.ts', 'paths.ts'].map((name) => join(clientsOf(dialect).folder, name)),
  )
  expect(compile([...files, join(folder, 'consumer.ts')])).toEqual([])
})

function compile(files: readonly string[]): string[] {
  const openapiFetch = fileURLToPath(import.meta.resolve('openapi-fetch')).replace(/\.mjs$/u, '.d.mts')
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    paths: { 'openapi-fetch': [openapiFetch] },
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
  }
  return ts.getPreEmitDiagnostics(ts.createProgram(files, options)).map(({ messageText, file }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}
