import fastify, { type FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { afterEach, expect, test } from 'vitest'
import { refuseSchemaErrors } from '../validate-input.ts'
import type { LiberalRules } from './read-liberally.ts'
import { ignoredFieldsHeader, ignoredFieldsOf, takeLiberally } from './take-liberally.ts'

let app: FastifyInstance
afterEach(() => app.close())

const body = Type.Object({ title: Type.Optional(Type.String()), count: Type.Optional(Type.Integer()) })
const querystring = Type.Object({ limit: Type.Optional(Type.Integer()) })

/** Posts to a route that answers with what it was given. */
async function post(
  payload: object,
  { query = {}, rules }: { query?: Record<string, string>; rules?: LiberalRules } = {},
) {
  app = fastify()
  app.setErrorHandler((error: Error & { code: string }, _request, reply) =>
    reply.code(400).send({ code: error.code, message: error.message }),
  )
  takeLiberally(app, refuseSchemaErrors, rules)
  app.post('/', { schema: { body, querystring } }, async (request) => ({
    body: request.body,
    query: request.query,
    ignored: ignoredFieldsOf(request),
  }))
  const answer = await app.inject({ method: 'POST', url: '/', query, payload })
  return { status: answer.statusCode, header: answer.headers[ignoredFieldsHeader], json: answer.json() }
}

test('known fields are taken, and nothing is named as ignored', async () => {
  expect(await post({ title: 'x', count: 1 }, { query: { limit: '2' } })).toStrictEqual({
    status: 200,
    header: undefined,
    json: { body: { title: 'x', count: 1 }, query: { limit: 2 }, ignored: [] },
  })
})

test('unknown fields are ignored, and named: those of the query before those of the body', async () => {
  expect(await post({ colour: 'red', title: 'x', size: 1 }, { query: { limit: '2', sort: 'up' } })).toStrictEqual({
    status: 200,
    header: 'sort, colour, size',
    json: { body: { title: 'x' }, query: { limit: 2 }, ignored: ['sort', 'colour', 'size'] },
  })
})

test('null and empty count as absent', async () => {
  const { status, header, json } = await post({ title: '', count: null }, { query: { limit: '' } })
  expect([status, header, json]).toStrictEqual([200, undefined, { body: {}, query: {}, ignored: [] }])
})

test('null and empty count as values where the dialect says so', async () => {
  const { json } = await post({ title: '' }, { rules: { emptyIsValue: ['title'] } })
  expect(json.body).toStrictEqual({ title: '' })
  await app.close()
  const { status, json: refused } = await post({ count: null }, { rules: { nullIsValue: ['count'] } })
  expect([status, refused]).toStrictEqual([400, { code: 'invalid_input', message: 'Not allowed in the body: count.' }])
})

test('a field that does not fit is refused as the dialect refuses it', async () => {
  const { status, header, json } = await post({ count: 'many', colour: 'red' })
  expect([status, header, json]).toStrictEqual([
    400,
    undefined,
    { code: 'invalid_input', message: 'Not allowed in the body: count.' },
  ])
})

test('the first 32 names are told, and the first 100 characters of a name', async () => {
  const names = Array.from({ length: 33 }, (_, at) => (at === 0 ? 'x'.repeat(101) : `field${at}`))
  const { header, json } = await post(Object.fromEntries(names.map((name) => [name, 1])))
  const told = ['x'.repeat(100), ...names.slice(1, 32)]
  expect(json.ignored).toStrictEqual(told)
  expect(header).toBe(told.join(', '))
})

test.each([
  ['a,b', 'a%2Cb'],
  ['a b', 'a%20b'],
  ['färbe', 'f%C3%A4rbe'],
  ['a\r\nb', 'a%0D%0Ab'],
  ['a[]', 'a[]'],
  ['a[].b[]', 'a[].b[]'],
  ['\ud800', '%EF%BF%BD'],
])('the name %j is written %s in the header', async (name, written) => {
  expect((await post({ [name]: 1 })).header).toBe(written)
})

test('a name that ends in half a character is told with a replacement for it', async () => {
  const { json } = await post({ [`${'x'.repeat(99)}😀`]: 1 })
  expect(json.ignored).toStrictEqual([`${'x'.repeat(99)}\ufffd`])
})

test.each([undefined, null, 'text', {}])('a request whose query or body is %j has no ignored fields', async (value) => {
  app = fastify()
  expect(ignoredFieldsOf({ query: value, body: value })).toStrictEqual([])
})
