import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { type RefusalCode, refusalCodes } from '../../domain/refusal.ts'
import { describeRefusals, type RefusalLine } from '../edge/define-refusals.ts'
import type { ApiDescription, DescribedRoute, RouteDescription } from './api-description.ts'
import { buildDocument } from './build-document.ts'

const PartSchema = Type.Object({
  name: Type.String(),
  weight: Type.Number({ description: 'In grams, as it was measured.' }),
})
const ThingSchema = Type.Object({ id: Type.String({ format: 'uuid' }), tags: Type.Array(PartSchema) })
const ErrorSchema = Type.Object({ error: Type.String({ description: 'What is wrong, in words for people.' }) })

const api: ApiDescription = {
  title: 'Things',
  description: 'Things and their parts.',
  version: '1.2.3',
  servers: [{ url: 'http://127.0.0.1' }],
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
  tags: [
    {
      name: 'Things',
      description: 'All of them.',
      operations: {
        'GET /things/{id}': 'readThing',
        'POST /things': 'createThing',
        'DELETE /things/{id}': 'deleteThing',
        'GET /things/{id}/files/{path}': 'readFile',
      },
    },
  ],
  contract: { PartSchema, ThingSchema, ErrorSchema, somethingElse: ThingSchema },
}

const lines = Object.fromEntries(
  refusalCodes.map((code) => [code, { status: code === 'internal' ? 500 : 404 }]),
) as Record<RefusalCode, RefusalLine>
const refusals = (...codes: RefusalCode[]) =>
  describeRefusals(codes, { lines, describe: (code) => `\`${code}\``, schema: ErrorSchema })

const json = (schema: object) => ({ description: 'A thing.', content: { 'application/json': { schema } } })
const params = Type.Object({ id: Type.String() })

const route = (method: string, url: string, schema: RouteDescription = {}): DescribedRoute => ({
  method,
  url,
  schema: { summary: 'Do it', ...schema },
})
const operationOf = (one: DescribedRoute, over: Partial<ApiDescription> = {}) => {
  const { paths, components } = buildDocument({ ...api, ...over }, [one]) as {
    paths: Record<string, Record<string, Record<string, unknown>>>
    components: Record<string, Record<string, object>>
  }
  const [path = ''] = Object.keys(paths)
  const operation = paths[path]?.[one.method.toLowerCase()]
  if (operation === undefined) throw new Error('The operation is missing.')
  return { path, operation, components }
}

test('an operation has its name, its part and what its route says', () => {
  const { path, operation } = operationOf(
    route('GET', '/things/:id', { summary: 'Read a thing', params, security: [] }),
  )
  expect(path).toBe('/things/{id}')
  expect(operation).toEqual({
    operationId: 'readThing',
    tags: ['Things'],
    summary: 'Read a thing',
    description: 'Read a thing.',
    security: [],
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    responses: {},
  })
})

test('a route without a name, or without a summary, and two of one name are refused', () => {
  const build =
    (one: DescribedRoute, over: Partial<ApiDescription> = {}) =>
    () =>
      buildDocument({ ...api, ...over }, [one])
  expect(build(route('PUT', '/things/:id'))).toThrow('PUT /things/{id}')
  expect(build({ method: 'POST', url: '/things', schema: {} })).toThrow('POST /things')
  const twice = [{ name: 'A', description: 'B.', operations: { 'POST /things': 'same', 'GET /things': 'same' } }]
  expect(build(route('POST', '/things'), { tags: twice })).toThrow('same')
})

test('the rest of a path is a parameter with a name', () => {
  const own = Type.Object({ id: Type.String(), '*': Type.String() })
  const { path, operation } = operationOf(route('GET', '/things/:id/files/*', { params: own }))
  expect(path).toBe('/things/{id}/files/{path}')
  expect(operation['parameters']).toMatchObject([{ name: 'id' }, { name: 'path', in: 'path', required: true }])
})

test('parameters of a query are needed where the schema says so', () => {
  const querystring = Type.Object({
    q: Type.String({ description: 'What to look for.' }),
    limit: Type.Optional(Type.Integer()),
  })
  const { operation } = operationOf(route('GET', '/things/:id', { querystring }))
  expect(operation['parameters']).toEqual([
    { name: 'q', in: 'query', required: true, description: 'What to look for.', schema: querystring.properties.q },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer' } },
  ])
})

test('a body is needed where one of its fields is', () => {
  const bodyOf = (body: object) => operationOf(route('POST', '/things', { body })).operation['requestBody']
  expect(bodyOf(Type.Object({ name: Type.String() }))).toMatchObject({ required: true })
  expect(bodyOf(Type.Object({ name: Type.Optional(Type.String()) }))).toMatchObject({ required: false })
})

test('a schema of the contract stands once, under its name, also within another', () => {
  const response = { 200: json(Type.Object({ things: Type.Array(ThingSchema), best: Type.Optional(PartSchema) })) }
  const { operation, components } = operationOf(route('GET', '/things/:id', { response }))
  expect(operation['responses']).toMatchObject({
    200: {
      content: {
        'application/json': {
          schema: {
            properties: {
              things: { items: { $ref: '#/components/schemas/Thing' } },
              best: { $ref: '#/components/schemas/Part' },
            },
          },
        },
      },
    },
  })
  expect(Object.keys(components['schemas'] ?? {})).toEqual(['Part', 'Thing'])
  expect(components['schemas']?.['Thing']).toMatchObject({
    properties: { tags: { items: { $ref: '#/components/schemas/Part' } } },
  })
})

test('what is not used is no component', () => {
  const { components } = operationOf(route('GET', '/things/:id', { response: { 200: json(PartSchema) } }))
  expect(Object.keys(components['schemas'] ?? {})).toEqual(['Part'])
})

test('a refusal is a component, named by its status and codes', () => {
  const response = { ...refusals('task_not_found', 'agent_not_found', 'internal') }
  const { operation, components } = operationOf(route('GET', '/things/:id', { response }))
  expect(operation['responses']).toEqual({
    404: { $ref: '#/components/responses/404.agent_not_found.task_not_found' },
    500: { $ref: '#/components/responses/500.internal' },
  })
  expect(components['responses']?.['404.agent_not_found.task_not_found']).toEqual({
    description: '`agent_not_found`, `task_not_found`',
    headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
})

test('an answer without a body has none in the document', () => {
  const { operation } = operationOf(route('DELETE', '/things/:id', { response: { 204: { description: 'Gone.' } } }))
  expect(operation['responses']).toEqual({
    204: { description: 'Gone.', headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } } },
  })
})

test('headers are told by the status, by the API and by the route', () => {
  const headersOf = (status: number, own: object = {}, over: Partial<ApiDescription> = {}) => {
    const response = { [status]: { ...json(PartSchema), ...own } }
    const { operation, components } = operationOf(route('POST', '/things', { response }), over)
    const answers = operation['responses'] as Record<number, { headers: object }>
    const names = Object.keys(answers[status]?.headers ?? {})
    expect(Object.keys(components['headers'] ?? {}).sort()).toEqual([...names].sort())
    return names
  }
  expect(headersOf(200)).toEqual(['X-Request-Id'])
  expect(headersOf(401)).toEqual(['X-Request-Id', 'WWW-Authenticate'])
  expect(headersOf(429)).toEqual(['X-Request-Id', 'Retry-After'])
  expect(headersOf(503)).toEqual(['X-Request-Id', 'Retry-After'])
  expect(headersOf(201, { headers: ['Location'] })).toEqual(['X-Request-Id', 'Location'])
  expect(headersOf(200, {}, { headers: ['Mandate-Ignored-Fields'] })).toEqual([
    'X-Request-Id',
    'Mandate-Ignored-Fields',
  ])
})

test('whoever refuses a key that was used for another request reads it, and says what is a repetition', () => {
  const idempotent = { ...refusals('idempotency_mismatch'), 200: json(PartSchema) }
  const headers = (response: object, requestHeaders: RouteDescription['requestHeaders'] = []) => {
    const { operation } = operationOf(route('POST', '/things', { response, requestHeaders }))
    const parameters = (operation['parameters'] ?? []) as { name: string }[]
    const answers = operation['responses'] as Record<number, { headers: object }>
    return [parameters.map(({ name }) => name), Object.keys(answers[200]?.headers ?? {})]
  }
  expect(headers({ 200: json(PartSchema) }, ['Prefer'])).toEqual([['Prefer'], ['X-Request-Id']])
  expect(headers(idempotent)).toEqual([['Idempotency-Key'], ['X-Request-Id', 'Idempotent-Replayed']])
})
