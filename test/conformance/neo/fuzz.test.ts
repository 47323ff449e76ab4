import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { afterEach, expect, test } from 'vitest'
import { ApproveTaskSchema } from '../../../src/api/dialects/neo/contract/approve-task.ts'
import { CreateTaskSchema } from '../../../src/api/dialects/neo/contract/create-task.ts'
import { anyJson, nearlyOf } from '../../support/arbitrary-of.ts'
import { resolveReferences } from '../../support/resolve-references.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { chunksOf, type Neo, openNeo } from './open-neo.ts'

let neo: Neo
afterEach(() => neo.world.close())

interface Documented {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>> }

/** Says whether an answer is one of those that the document knows, and fits what it says of it. */
async function documentOf({ world }: Neo) {
  const document = resolveReferences<Document>((await world.app.inject({ url: '/neo/openapi.json' })).json())
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  return (path: string, method: string, answer: Awaited<ReturnType<Neo['get']>>) => {
    const where = `${method} ${path} ${answer.statusCode} ${answer.body.slice(0, 300)}`
    expect(answer.statusCode, where).toBeLessThan(500)
    const response = document.paths[path]?.[method]?.responses[answer.statusCode]
    expect(response, where).toBeDefined()
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    const schema = response?.content?.[type]?.schema
    if (answer.statusCode === 204) return
    expect(schema, `${where} as ${type}`).toBeDefined()
    if (schema === undefined || type !== 'application/json') return
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    expect(validator.Check(answer.json()), where).toBe(true)
  }
}

const open = async () => {
  neo = await openNeo({ models: createScriptedModels([{ text: 'ok' }]) })
  return documentOf(neo)
}

test('whatever is asked for, the answer to a create request is documented and no failure of the server', async () => {
  const check = await open()
  const statuses = new Set<number>()
  const accept = fc.constantFrom('application/json', 'text/event-stream', '*/*', '')
  const property = fc.asyncProperty(nearlyOf(CreateTaskSchema), accept, async (body, wanted) => {
    const headers = { ...neo.caller.headers, 'content-type': 'application/json', accept: wanted }
    const payload = JSON.stringify(body)
    const answer = await neo.world.app.inject({ method: 'POST', url: '/api/v1/tasks', headers, payload })
    check('/api/v1/tasks', 'post', answer)
    statuses.add(answer.statusCode)
    if (answer.statusCode === 200) chunksOf(answer.body)
  })
  await fc.assert(property, { numRuns: 500 })
  expect(neo.world.errors).toEqual([])
  expect([...statuses].sort()).toEqual([200, 202, 400, 404])
})

test('whatever is decided, the answer is documented and no failure of the server', async () => {
  const check = await open()
  const { id } = await neo.submit({ task: 'x' })
  const property = fc.asyncProperty(
    nearlyOf(ApproveTaskSchema),
    fc.constantFrom(id, 'nonsense'),
    async (body, task) => {
      const headers = { ...neo.caller.headers, 'content-type': 'application/json' }
      const url = `/api/v1/tasks/${task}/approve`
      const answer = await neo.world.app.inject({ method: 'POST', url, headers, payload: JSON.stringify(body) })
      check('/api/v1/tasks/{id}/approve', 'post', answer)
    },
  )
  await fc.assert(property, { numRuns: 200 })
  expect(neo.world.errors).toEqual([])
})

test('whatever is read, the answer is documented and no failure of the server', async () => {
  const check = await open()
  const { id, stream_id } = await neo.submit({ task: 'x', visibility: 'public' })
  await neo.ended(id)
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    anyJson.map((value) => JSON.stringify(value)),
  )
  const anyId = fc.oneof(
    fc.constantFrom(id, stream_id),
    fc.uuid(),
    text.filter((value) => !/^[./]*$/u.test(value)),
  )
  const query = fc.dictionary(fc.constantFrom('cursor', 'limit', 'status', 'scheduled', 'project_id', 'other'), text)
  const paths = fc.constantFrom(
    '/api/v1/tasks',
    '/api/v1/tasks/{id}',
    '/api/v1/tasks/{id}/share',
    '/api/v1/tasks/{id}/stream',
    '/api/v1/tasks/{id}/streams/{stream_id}',
  )
  const property = fc.asyncProperty(paths, anyId, anyId, query, async (path, task, stream, wanted) => {
    const filled = path.replace('{id}', encodeURIComponent(task)).replace('{stream_id}', encodeURIComponent(stream))
    const url = path.endsWith('tasks') ? `${filled}?${new URLSearchParams(wanted)}` : filled
    check(path, 'get', await neo.get(url))
  })
  await fc.assert(property, { numRuns: 500 })
  expect(neo.world.errors).toEqual([])
})

test('the document says who may ask, and describes every path', async () => {
  await open()
  const document = (await neo.world.app.inject({ url: '/neo/openapi.json' })).json()
  expect(document).toMatchObject({
    openapi: '3.1.0',
    components: { securitySchemes: { token: { scheme: 'bearer' }, key: { name: 'X-Api-Key' } } },
  })
  expect(Object.keys(document.paths).sort()).toEqual([
    '/api/v1/tasks',
    '/api/v1/tasks/{id}',
    '/api/v1/tasks/{id}/approve',
    '/api/v1/tasks/{id}/share',
    '/api/v1/tasks/{id}/stream',
    '/api/v1/tasks/{id}/streams/{stream_id}',
    '/openapi.json',
  ])
  expect(document.paths['/api/v1/tasks/{id}/share'].get.security).toEqual([])
})
