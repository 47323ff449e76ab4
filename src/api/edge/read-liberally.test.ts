import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { readLiberally } from './read-liberally.ts'

const schema = Type.Object({
  task: Type.String(),
  title: Type.Optional(Type.String({ minLength: 1 })),
  mode: Type.Optional(Type.Enum(['fast', 'slow'])),
  role: Type.Optional(Type.Literal('user')),
  count: Type.Optional(Type.Integer()),
  names: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  message: Type.Optional(Type.Object({ content: Type.String(), name: Type.Optional(Type.String()) })),
  profile: Type.Optional(Type.Union([Type.Object({ stage: Type.Optional(Type.String()) }), Type.Null()])),
  members: Type.Optional(Type.Array(Type.Object({ code: Type.String(), note: Type.Optional(Type.String()) }))),
  metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  anything: Type.Optional(Type.Unknown()),
  open: Type.Optional(Type.Object({ type: Type.String() }, { additionalProperties: true })),
})
const read = (input: unknown) => readLiberally(schema, input)
const same = (value: unknown) => ({ value, ignored: [] })

describe('an optional field', () => {
  test.each(['title', 'mode', 'role', 'count', 'names', 'message', 'profile', 'members', 'metadata', 'anything'])(
    '%s that is null counts as absent',
    (name) => expect(read({ task: 'x', [name]: null })).toEqual(same({ task: 'x' })),
  )

  test.each(['title', 'mode', 'role'])('%s that is an empty text counts as absent', (name) => {
    expect(read({ task: 'x', [name]: '' })).toEqual(same({ task: 'x' }))
  })

  test('counts as absent inside of others too', () => {
    const input = { message: { content: 'x', name: null }, profile: { stage: '' }, members: [{ code: 'a', note: '' }] }
    expect(read(input)).toEqual(same({ message: { content: 'x' }, profile: {}, members: [{ code: 'a' }] }))
  })

  test.each([{ count: '' }, { names: '' }, { message: '' }, { metadata: '' }, { anything: '' }])(
    '%j is no text, and is left to be refused',
    (input) => expect(read(input)).toEqual(same(input)),
  )

  test('that is an empty list or object is one: what narrows to nothing stays so', () => {
    const input = { task: 'x', names: [], metadata: {}, members: [] }
    expect(read(input)).toEqual(same(input))
  })

  test('that the original takes for a value is one', () => {
    const input = { count: null, title: '', mode: '' }
    const rules = { nullIsValue: ['count'], emptyIsValue: ['title'] }
    expect(readLiberally(schema, input, rules)).toEqual(same({ count: null, title: '' }))
  })
})

test('a field that is needed is taken as it is', () => {
  expect(read({ task: null })).toEqual(same({ task: null }))
  expect(read({ task: '' })).toEqual(same({ task: '' }))
})

test('what is not known is left out and named by its path, once', () => {
  const members = [
    { code: 'a', colour: 1 },
    { code: 'b', colour: 2 },
  ]
  const input = { task: 'x', titel: 'y', message: { content: 'x', colour: 'red' }, members }
  expect(read(input)).toEqual({
    value: { task: 'x', message: { content: 'x' }, members: [{ code: 'a' }, { code: 'b' }] },
    ignored: ['titel', 'message.colour', 'members[].colour'],
  })
})

test('names of JavaScript are names like others', () => {
  const { value, ignored } = read(JSON.parse('{"task":"x","__proto__":{"title":"y"},"constructor":1,"toString":2}'))
  expect(JSON.stringify(value)).toBe('{"task":"x"}')
  expect(ignored).toEqual(['__proto__', 'constructor', 'toString'])
})

test('what is free in its form is handed on as it is', () => {
  const metadata = JSON.parse('{"a":null,"b":"","__proto__":{"c":null},"d":[null,""]}')
  const input = { metadata, anything: { a: null }, open: { type: 'x', more: null } }
  const { value, ignored } = read(input)
  expect(JSON.stringify(value)).toBe(JSON.stringify(input))
  expect(ignored).toEqual([])
})

test.each([undefined, null, 1, 'x', [1], true])('%j, which is no object, is left to be refused', (input) => {
  expect(read(input)).toEqual(same(input))
})
