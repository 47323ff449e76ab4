import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TaskView } from '../../../src/api/native/contract/task.ts'
import { refusalCodes } from '../../../src/domain/refusal.ts'
import { anyJson, nearlyOf } from '../../support/arbitrary-of.ts'
import { expectDocumentedHeaders } from '../../support/check-documented.ts'
import { createWorld, type World } from '../../support/create-world.ts'
import { resolveReferences } from '../../support/resolve-references.ts'
import { until } from '../../support/until.ts'

interface Operation {
  readonly summary?: string
  readonly security?: readonly object[]
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly headers?: Readonly<Record<string, object>>
        readonly content?: Readonly<Record<string, { readonly schema: object }>>
      }
    >
  >
}
interface Document {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly components: { readonly securitySchemes: object }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
type Answer = Awaited<ReturnType<World['call']>>

let world: World
let document: Document
beforeEach(async () => {
  // A wait that was asked for at random must not be waited for.
  world = await createWorld({ limits: { wait_seconds_max: 0 } })
  document = resolveReferences((await world.app.inject('/openapi.json')).json())
})
afterEach(() => world.close())

async function endedTask(body: object): Promise<TaskView> {
  const { id } = (await world.call('POST', '/v1/tasks', body)).json<TaskView>()
  return until('the task to end', async () => {
    const task = (await world.call('GET', `/v1/tasks/${id}`)).json<TaskView>()
    return task.state === 'succeeded' && task
  })
}

type Route = { readonly path: string; readonly method: string; readonly operation: Operation }
const operations = (): Route[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('the document tells of every route, how to come in, and where', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document.servers.map(({ url }) => url)).toEqual(['http://127.0.0.1/mandate', 'http://127.0.0.1'])
  expect(document.components.securitySchemes).toMatchObject({
    bearer: { type: 'http', scheme: 'bearer' },
    key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  })
  const told = operations().map(({ method, path }) => `${method} ${path}`)
  expect(told).toEqual(
    expect.arrayContaining([
      'post /v1/tasks',
      'get /v1/tasks',
      'get /v1/tasks/{id}',
      'post /v1/tasks/{id}/messages',
      'post /v1/tasks/{id}/cancel',
      'post /v1/tasks/{id}/stop',
      'post /v1/tasks/{id}/resume',
      'get /v1/tasks/{id}/events',
      'get /v1/tasks/{id}/files',
      'post /v1/agents',
      'patch /v1/agents/{id}',
      'delete /v1/agents/{id}',
      'post /v1/keys',
      'delete /v1/keys/{id}',
      'get /v1/models',
      'post /v1/users',
      'post /v1/teams',
      'get /v1/health',
      'get /metrics',
    ]),
  )
})

test('every route has a summary, and every one that takes a key says what it answers without', () => {
  for (const { method, path, operation } of operations()) {
    expect(operation.summary, `${method} ${path}`).toMatch(/\S/)
    if (operation.security === undefined) expect(operation.responses, `${method} ${path}`).toHaveProperty('401')
  }
})

test.each([
  ['anything', () => true, 1_000, [200, 401, 403, 404, 422]],
  ['a task', ({ path, method }: Route) => path === '/v1/tasks' && method === 'post', 300, [202, 401, 403, 422]],
] as const)('whatever is sent to %s, the answer is documented, fits its schema, and is no failure', async (...ask) => {
  const [, chosen, numRuns, expected] = ask
  const callers = [world.admin, await world.addCaller('operator'), await world.addCaller('viewer')]
  const task = await endedTask({ input: 'write x to a.txt', visibility: 'team' })
  const agent = (await world.call('POST', '/v1/agents', { name: 'a', visibility: 'public' })).json()
  const key = (await world.call('POST', '/v1/keys', { name: 'k' })).json()
  const known = fc.constantFrom(task.id, String(task.number), agent.id, key.id, callers[1]?.user.id ?? '')
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => !/^[./]*$/u.test(value))
  const anyValue = fc.oneof(
    known,
    fc.uuid(),
    text,
    anyJson.map((value) => JSON.stringify(value)),
  )
  const named = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names, 'metadata[a]', 'other'), anyValue)
  const good = fc.constantFrom({ input: 'say x' }, { name: 'x' })
  const request = fc.constantFrom(...operations().filter(chosen)).chain(({ path, method, operation }) => {
    const inQuery = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
    const schema = operation.requestBody?.content['application/json']?.schema
    return fc.record({
      path: fc.constant(path),
      method: fc.constant(method),
      operation: fc.constant(operation),
      ids: fc.tuple(fc.oneof({ weight: 3, arbitrary: known }, anyValue), fc.oneof(fc.constant('a.txt'), anyValue)),
      query: fc.oneof(fc.constant({}), named(inQuery.map(({ name }) => name))),
      body: schema === undefined ? fc.constant(undefined) : fc.oneof(nearlyOf(schema), good),
      caller: fc.constantFrom(world.admin, ...callers, undefined),
    })
  })
  const check = createCheck()
  const statuses = new Map<number, number>()
  const property = fc.asyncProperty(request, async ({ path, method, operation, ids, query, body, caller }) => {
    const filled = path
      .replace('{id}', encodeURIComponent(ids[0]))
      .replace(/\{\*?[^}]*\}|\*/u, encodeURIComponent(ids[1]))
    const answer = await world.app.inject({
      method: method.toUpperCase() as 'GET',
      url: `/mandate${filled}`,
      query: query as Record<string, string>,
      headers: { ...caller?.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    })
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    check(`${method} ${path}`, operation, answer)
  })
  await fc.assert(property, { numRuns })
  expect(world.errors).toEqual([])
  for (const status of expected) expect([...statuses.keys()], `${status}`).toContain(status)
})

/** Whether an answer is one that the document knows, and is what it says of it. */
function createCheck() {
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  return (route: string, operation: Operation, answer: Answer) => {
    const where = `${route} ${answer.statusCode} ${answer.body.slice(0, 500)}`
    expect(answer.statusCode, where).toBeLessThan(500)
    const response = operation.responses[answer.statusCode]
    expect(response, where).toBeDefined()
    expectDocumentedHeaders(response, answer, where)
    if (answer.statusCode === 204) return
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    const schema = response?.content?.[type]?.schema
    expect(schema, `${where} as ${type}`).toBeDefined()
    if (schema === undefined || !type.endsWith('json')) return
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    const [fits, errors] = validator.Errors(answer.json())
    expect(fits, `${where} ${JSON.stringify(errors)}`).toBe(true)
  }
}

test('every event of a task fits what the document says of it', async () => {
  const { id } = await endedTask({ input: 'write x to a.txt then read b.txt then say done' })
  const operation = document.paths['/v1/tasks/{id}/events']?.['get']
  if (operation === undefined) throw new Error('The events are not documented.')
  const answer = await world.call('GET', `/v1/tasks/${id}/events?limit=200`)
  expect(answer.json().events.length).toBeGreaterThan(10)
  createCheck()('get events', operation, answer)
})

test('the codes of problems are documented', () => {
  const problem = document.paths['/v1/tasks']?.['post']?.responses['422']?.content?.['application/problem+json']?.schema
  expect(problem).toMatchObject({ properties: { code: { enum: [...refusalCodes] } } })
})
