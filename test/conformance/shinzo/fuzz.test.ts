import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { afterEach, expect, test } from 'vitest'
import { MessageRequestSchema, TaskRequestSchema } from '../../../src/api/dialects/shinzo/contract/task.ts'
import { anyJson, nearlyOf } from '../../support/arbitrary-of.ts'
import { resolveReferences } from '../../support/resolve-references.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { openShinzo, type Shinzo } from './open-shinzo.ts'

let shinzo: Shinzo
afterEach(() => shinzo.world.close())

interface Documented {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>> }
type Answer = Awaited<ReturnType<Shinzo['call']>>

/** A server, and what says whether an answer is one of those that the document knows, and fits what it says of it. */
async function open() {
  shinzo = await openShinzo({ models: createScriptedModels([{ text: 'ok' }]) })
  const document = resolveReferences<Document>((await shinzo.world.app.inject({ url: '/shinzo/openapi.json' })).json())
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  const check = (path: string, method: string, answer: Answer) => {
    const where = `${method} ${path} ${answer.statusCode} ${answer.body.slice(0, 300)}`
    // An agent that was paused says so; everything else of this kind would be a failure.
    if (answer.statusCode >= 500) expect(answer.json().error.code, where).toBe('AGENT_UNAVAILABLE')
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    const schema = document.paths[path]?.[method]?.responses[answer.statusCode]?.content?.[type]?.schema
    if (schema === undefined) throw new Error(`Not documented: ${where}`)
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    expect(validator.Check(answer.json()), where).toBe(true)
  }
  return { check, paths: document.paths }
}

const post = (url: string, body: unknown) =>
  shinzo.world.app.inject({
    method: 'POST',
    url,
    headers: { ...shinzo.caller.headers, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })

test('whatever is asked of an agent, the answer is documented and no failure of the server', async () => {
  const { check } = await open()
  const statuses = new Set<number>()
  const property = fc.asyncProperty(nearlyOf(TaskRequestSchema), async (body) => {
    const answer = await post(`/agent/request/${shinzo.agent.id}`, body)
    check('/agent/request/{id}', 'post', answer)
    statuses.add(answer.statusCode)
  })
  await fc.assert(property, { numRuns: 500 })
  expect(shinzo.world.errors).toEqual([])
  expect([...statuses].sort()).toEqual([202, 400])
})

test('whatever is read or sent to whichever task and agent, the answer is documented and no failure of the server', async () => {
  const { check } = await open()
  const { agent, submit, addAgent, call } = shinzo
  const path = await submit({ message: 'x' })
  const spare = await addAgent()
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    anyJson.map((value) => JSON.stringify(value)),
  )
  const anyId = fc.oneof(
    fc.constantFrom(agent.id, spare.id, path.split('/').at(-1) ?? ''),
    fc.uuid(),
    text.filter((value) => !/^[./]*$/u.test(value)),
  )
  const query = fc.dictionary(fc.constantFrom('page', 'limit', 'status', 'sort', 'order', 'other'), text)
  const routes = fc.constantFrom(
    ['get', '/agent/{id}/task/{taskId}'],
    ['post', '/agent/{id}/task/{taskId}/message'],
    ['post', '/agent/{id}/task/{taskId}/cancel'],
    ['post', '/agent/request/{id}'],
    ['post', '/agent/{id}/pause'],
    ['post', '/agent/{id}/resume'],
    ['get', '/agent/list'],
  ) as fc.Arbitrary<['get' | 'post', string]>
  const property = fc.asyncProperty(
    routes,
    anyId,
    anyId,
    query,
    nearlyOf(MessageRequestSchema),
    async (route, ...given) => {
      const [method, template] = route
      const [id, taskId, wanted, body] = given
      const filled = template.replace('{id}', encodeURIComponent(id)).replace('{taskId}', encodeURIComponent(taskId))
      const url = template.endsWith('list') ? `${filled}?${new URLSearchParams(wanted)}` : filled
      check(template, method, method === 'get' ? await call('GET', url) : await post(url, body))
    },
  )
  await fc.assert(property, { numRuns: 500 })
  expect(shinzo.world.errors).toEqual([])
})

test('the document says who may ask, and describes every path', async () => {
  const { paths } = await open()
  expect(Object.keys(paths).sort()).toEqual([
    '/agent/list',
    '/agent/request/{id}',
    '/agent/{id}/pause',
    '/agent/{id}/resume',
    '/agent/{id}/task/{taskId}',
    '/agent/{id}/task/{taskId}/cancel',
    '/agent/{id}/task/{taskId}/message',
  ])
  const document = (await shinzo.world.app.inject({ url: '/shinzo/openapi.json' })).json()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'own_header', 'header'])
  expect(Object.keys(paths['/agent/request/{id}']?.['post']?.responses ?? {})).toEqual(
    expect.arrayContaining(['202', '400', '401', '404', '503']),
  )
})
