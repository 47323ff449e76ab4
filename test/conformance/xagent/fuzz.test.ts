import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { afterEach, expect, test } from 'vitest'
import { CreateTaskSchema } from '../../../src/api/dialects/xagent/contract/create-task.ts'
import { nearlyOf } from '../../support/arbitrary-of.ts'
import { resolveReferences } from '../../support/resolve-references.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { openXagent, type Xagent } from './open-xagent.ts'

let xagent: Xagent
afterEach(() => xagent.world.close())

interface Documented {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>> }

/** Says whether an answer is one of those that the document knows, and fits what it says of it. */
async function documentOf({ world }: Xagent) {
  const document = resolveReferences<Document>((await world.app.inject({ url: '/xagent/openapi.json' })).json())
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  return (path: string, method: string, answer: Awaited<ReturnType<Xagent['call']>>) => {
    const where = `${method} ${path} ${answer.statusCode} ${answer.body.slice(0, 300)}`
    expect(answer.statusCode, where).toBeLessThan(500)
    const type = String(answer.headers['content-type']).split(';')[0] ?? ''
    const schema = document.paths[path]?.[method]?.responses[answer.statusCode]?.content?.[type]?.schema
    expect(schema, `${where} as ${type}`).toBeDefined()
    if (schema === undefined || type !== 'application/json') return
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    expect(validator.Check(answer.json()), where).toBe(true)
  }
}

const open = async () => {
  xagent = await openXagent({ models: createScriptedModels([{ text: 'ok' }]) })
  return documentOf(xagent)
}

const numRuns = 500

test('whatever is asked for, the answer to a create or a message is documented and no failure of the server', async () => {
  const check = await open()
  const { agentNumber, call, submit, world } = xagent
  const task = await submit('hello')
  const statuses = new Set<string>()
  const paths = ['', '/{task_id}/messages', '/{task_id}/reply'].map((path) => `/v1/chat/tasks${path}`)
  const path = fc.constantFrom(...paths)
  const property = fc.asyncProperty(nearlyOf(CreateTaskSchema), fc.boolean(), path, async (body, own, to) => {
    // Most would stop at the agent.
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    const asked = own && isObject ? { ...body, agent_id: agentNumber } : body
    const headers = { ...xagent.caller.headers, 'content-type': 'application/json' }
    const url = to.replace('{task_id}', String(task))
    const answer = await world.app.inject({ method: 'POST', url, headers, payload: JSON.stringify(asked) })
    check(to, 'post', answer)
    statuses.add(`${to} ${answer.statusCode}`)
    if (answer.statusCode !== 202) return
    check('/v1/chat/tasks/{task_id}', 'get', await call('GET', `/v1/chat/tasks/${answer.json().task_id}`))
  })
  await fc.assert(property, { numRuns })
  expect(world.errors).toEqual([])
  for (const status of [202, 404, 422]) expect([...statuses]).toContain(`/v1/chat/tasks ${status}`)
  expect([...statuses]).toContain('/v1/chat/tasks/{task_id}/messages 202')
  expect([...statuses]).toContain('/v1/chat/tasks/{task_id}/reply 409')
})

test('whatever is read, the answer is documented and no failure of the server', async () => {
  const check = await open()
  const { call, submit, taskThatIs, world } = xagent
  const task = await submit('hello')
  await taskThatIs('completed', task)
  const anything = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/^[./]*$/u.test(text))
  const name = fc.oneof(fc.constant(String(task)), fc.integer().map(String), fc.uuid(), anything)
  const paths = fc.constantFrom('', '/steps', '/events')
  const property = fc.asyncProperty(paths, name, async (path, id) => {
    const url = `/v1/chat/tasks/${encodeURIComponent(id)}${path}`
    check(`/v1/chat/tasks/{task_id}${path}`, 'get', await call('GET', url))
  })
  await fc.assert(property, { numRuns })
  expect(world.errors).toEqual([])
})

test('the document says who may ask, and describes every path', async () => {
  await open()
  const document = (await xagent.world.app.inject({ url: '/xagent/openapi.json' })).json()
  expect(document).toMatchObject({
    openapi: '3.1.0',
    components: { securitySchemes: { bearer: { scheme: 'bearer' } } },
  })
  expect(Object.keys(document.paths).sort()).toEqual([
    '/v1/chat/tasks',
    '/v1/chat/tasks/{task_id}',
    '/v1/chat/tasks/{task_id}/events',
    '/v1/chat/tasks/{task_id}/messages',
    '/v1/chat/tasks/{task_id}/reply',
    '/v1/chat/tasks/{task_id}/steps',
  ])
  expect(document.paths['/v1/chat/tasks'].post.responses[202]).toBeDefined()
})
