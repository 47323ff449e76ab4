import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { afterEach, expect, test } from 'vitest'
import { TaskRequestSchema } from '../../../src/api/dialects/certior/contract/task-request.ts'
import { anyJson, nearlyOf } from '../../support/arbitrary-of.ts'
import { resolveReferences } from '../../support/resolve-references.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { type Certior, openCertior } from './open-certior.ts'

let certior: Certior
afterEach(() => certior.world.close())

interface Documented {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>> }
type Answer = Awaited<ReturnType<Certior['call']>>

/** Says whether an answer is one of those that the document knows, and fits what it says of it. */
async function openDocument() {
  certior = await openCertior({ models: createScriptedModels([{ text: 'ok' }]) })
  const document = resolveReferences<Document>(
    (await certior.world.app.inject({ url: '/certior/openapi.json' })).json(),
  )
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  return (path: string, method: string, answer: Answer) => {
    const where = `${method} ${path} ${answer.statusCode} ${answer.body.slice(0, 300)}`
    expect(answer.statusCode, where).toBeLessThan(500)
    const schema = document.paths[path]?.[method]?.responses[answer.statusCode]?.content?.['application/json']?.schema
    expect(schema, where).toBeDefined()
    if (schema === undefined) return
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    expect(validator.Check(answer.json()), where).toBe(true)
  }
}

test('whatever is asked for, the answer to a create request is documented and no failure of the server', async () => {
  const check = await openDocument()
  const statuses = new Set<number>()
  const schema = TaskRequestSchema as unknown as Parameters<typeof nearlyOf>[0]
  const lively = fc.record(
    {
      task: fc.string({ minLength: 1 }),
      compliance_policy: fc.constantFrom('default', 'hipaa', 'sox', 'legal', 'legal_privilege', 'gdpr', null),
      budget_cents: fc.integer({ min: 50, max: 1_000_100 }),
      permissions: fc.array(fc.constantFrom('filesystem:read', 'email:send', '*', 'network:smtp:send:external', ''), {
        maxLength: 3,
      }),
      webhook_url: fc.constantFrom('https://a.example/', 'http://127.0.0.1/', 'nothing', null),
    },
    { requiredKeys: ['task'] },
  )
  const property = fc.asyncProperty(fc.oneof(nearlyOf(schema), lively), async (body) => {
    const headers = { ...certior.caller.headers, 'content-type': 'application/json' }
    const payload = JSON.stringify(body)
    const answer = await certior.world.app.inject({ method: 'POST', url: '/api/v1/tasks', headers, payload })
    check('/api/v1/tasks', 'post', answer)
    statuses.add(answer.statusCode)
  })
  await fc.assert(property, { numRuns: 600 })
  expect(certior.world.errors).toEqual([])
  expect([...statuses].sort()).toEqual([201, 400, 403, 422])
})

test('whatever is read, listed or cancelled, the answer is documented and no failure of the server', async () => {
  const check = await openDocument()
  const id = await certior.submit({ task: 'x' })
  await certior.executionThatIs('succeeded', id)
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    anyJson.map((value) => JSON.stringify(value)),
  )
  const anyId = fc.oneof(
    fc.constant(id),
    fc.uuid().map((uuid) => `exec_${uuid.replaceAll('-', '')}`),
    text.filter((value) => !/^[./]*$/u.test(value)),
  )
  const query = fc.dictionary(
    fc.constantFrom('limit', 'status', 'other', 'format', 'preset'),
    fc.oneof(text, fc.constantFrom('5', 'queued', 'json', 'hipaa', 'default')),
  )
  const one = '/api/v1/executions/{id}'
  const socket = '/ws/executions/{id}'
  const ways = fc.constantFrom(
    ['GET', '/api/v1/executions'],
    ['GET', one],
    ['DELETE', one],
    ['GET', socket],
    ['GET', '/api/v1/compliance/{id}/export'],
  )
  const property = fc.asyncProperty(ways, anyId, query, async ([method = '', path = ''], execution, wanted) => {
    const filled = path.replace('{id}', encodeURIComponent(execution))
    const answer = await certior.call(method as 'GET', `${filled}?${new URLSearchParams(wanted)}`)
    if (path !== socket) return check(path, method.toLowerCase(), answer)
    // OpenAPI has no words for a socket; whoever asks it for a document is told so.
    expect([answer.statusCode, Object.keys(answer.json())], path).toEqual([400, ['detail']])
  })
  await fc.assert(property, { numRuns: 600 })
  expect(certior.world.errors).toEqual([])
})

test('the document describes every path and says who may ask', async () => {
  certior = await openCertior()
  const answer = await certior.world.app.inject({ url: '/certior/openapi.json' })
  expect(answer.statusCode).toBe(200)
  const document = answer.json()
  expect(document).toMatchObject({
    openapi: '3.1.0',
    components: {
      securitySchemes: { bearer: { scheme: 'bearer' }, header: { name: 'X-API-Key' }, query: { name: 'api_key' } },
    },
  })
  expect(Object.keys(document.paths).sort()).toEqual([
    '/api/v1/compliance/presets',
    '/api/v1/compliance/{id}/export',
    '/api/v1/executions',
    '/api/v1/executions/{id}',
    '/api/v1/tasks',
  ])
  expect(document.paths['/api/v1/compliance/presets'].get.security).toEqual([])
  const byKey = await certior.call('GET', '/certior/openapi.json')
  expect(byKey.body).toBe(answer.body)
})
