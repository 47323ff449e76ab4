import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CreateChatSchema } from '../../../src/api/dialects/agentrix/contract/chat.ts'
import { FillSchema } from '../../../src/api/dialects/agentrix/contract/event.ts'
import { ShareTaskSchema } from '../../../src/api/dialects/agentrix/contract/share.ts'
import { StartTaskSchema } from '../../../src/api/dialects/agentrix/contract/start-task.ts'
import { anyJson, nearlyOf } from '../../support/arbitrary-of.ts'
import { readDocument } from '../../support/check-documented.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { type AgentrixWorld, openAgentrix } from './open-agentrix.ts'

let world: AgentrixWorld
beforeEach(async () => {
  world = await openAgentrix({ models: createScriptedModels([{ text: 'ok' }]) })
})
afterEach(async () => {
  expect(world.errors).toEqual([])
  await world.close()
})

const startPath = '/v1/agentrix/tasks/start'

test('whatever is asked for, the answer to a start is documented and no failure of the server', async () => {
  const { app, call, chat, agentId, start } = world
  const check = await readDocument(app, '/agentrix/openapi.json')
  const { taskId } = await start('say hello')
  // What a real client sends, with any field of it replaced by what the schema allows, or nearly.
  const message = { role: 'user', content: 'say hello' }
  const known = fc.constantFrom<object>(
    {},
    { chatId: chat.id },
    { chatId: chat.id, agentId },
    { chatId: chat.id, cloudId: 'cloud-default', message },
    { chatId: chat.id, parentTaskId: taskId },
    { chatId: chat.id, machineId: 'machine-1', encryptedMessage: 'AAAA', dataEncryptionKey: 'AAAA' },
  )
  const names = fc.subarray(Object.keys(StartTaskSchema.properties), { maxLength: 3 })
  const statuses = new Set<number>()
  const property = fc.asyncProperty(known, nearlyOf(StartTaskSchema), names, async (base, any, kept) => {
    const isObject = typeof any === 'object' && any !== null && !Array.isArray(any)
    const some = isObject ? Object.fromEntries(Object.entries(any).filter(([name]) => kept.includes(name))) : any
    const body = isObject ? { ...some, ...base } : some
    const headers = { ...world.caller.headers, 'content-type': 'application/json' }
    const answer = await app.inject({ method: 'POST', url: startPath, headers, payload: JSON.stringify(body) })
    check('post', startPath, answer)
    statuses.add(answer.statusCode)
  })
  await fc.assert(property, { numRuns: 600 })
  // 403: each of the sub-tasks has taken its slice of the parent's budget, and nothing is left of that.
  expect([...statuses].sort().filter((status) => status !== 403)).toEqual([201, 400, 404])
  expect((await call('GET', '/v1/tasks?limit=100')).statusCode).toBe(200)
})

test('whatever else is sent, the answer is documented and no failure of the server', async () => {
  const { app, caller, start, chat, agentId } = world
  const check = await readDocument(app, '/agentrix/openapi.json')
  const { taskId } = await start('say hello')
  const nothing = nearlyOf({ type: 'object', properties: {} })
  const members = fc.constant({ members: [{ memberCode: agentId, type: 'agent' }] })
  const routes: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
    ['/v1/agentrix/chats', fc.oneof(members, nearlyOf(CreateChatSchema))],
    ['/v1/agentrix/tasks/{taskId}/share', nearlyOf(ShareTaskSchema)],
    ['/v1/tasks/{taskId}/events/fill', nearlyOf(FillSchema)],
    ['/v1/tasks/{taskId}/cancel', nothing],
    ['/v1/tasks/{taskId}/stop', nothing],
    ['/v1/tasks/{taskId}/resume', nothing],
  ]
  const request = fc.oneof(...routes.map(([path, body]) => fc.tuple(fc.constant(path), body)))
  const property = fc.asyncProperty(request, anyId(taskId, chat.id), async ([path, body], id) => {
    const headers = { ...caller.headers, 'content-type': 'application/json' }
    const url = path.replace('{taskId}', encodeURIComponent(id))
    check('post', path, await app.inject({ method: 'POST', url, headers, payload: JSON.stringify(body) }))
  })
  await fc.assert(property, { numRuns: 500 })
})

test('whatever is read, the answer is documented and no failure of the server', async () => {
  const { app, call, start, reaches, chat } = world
  const check = await readDocument(app, '/agentrix/openapi.json')
  const { taskId } = await start('say hello')
  await reaches(taskId, 'completed')
  const { shareCode } = (await call('POST', `/v1/agentrix/tasks/${taskId}/share`)).json()
  const paths = fc.constantFrom(
    '/v1/chats',
    '/v1/chats/{chatId}',
    '/v1/tasks',
    '/v1/tasks/{taskId}',
    '/v1/tasks/{taskId}/events',
    '/v1/tasks/{taskId}/events/meta',
    '/v1/auth/share',
  )
  const value = fc.oneof(fc.integer({ min: -2, max: 200 }).map(String), fc.constant(shareCode), anyId(taskId, chat.id))
  const name = fc.constantFrom('cursor', 'limit', 'before', 'after', 'code', 'other')
  const query = fc.dictionary(name, value, { maxKeys: 3 })
  const property = fc.asyncProperty(paths, anyId(taskId, chat.id), query, async (path, id, wanted) => {
    const filled = path.replace(/\{\w+\}/u, encodeURIComponent(id))
    check('get', path, await call('GET', `${filled}?${new URLSearchParams(wanted)}`))
  })
  await fc.assert(property, { numRuns: 600 })
})

/** Ids that are there and text that is none; dots would be taken for a part of the path. */
function anyId(...known: readonly string[]) {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    anyJson.map((value) => JSON.stringify(value)),
  )
  return fc.oneof(
    fc.constantFrom(...known),
    fc.uuid(),
    text.filter((value) => !/^[./]*$/u.test(value)),
  )
}
