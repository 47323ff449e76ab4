import { expect, test } from 'vitest'
import { limitDefaults } from '../../domain/limits.ts'
import { pageOf, pageRequest } from './pages.ts'

const limits = { ...limitDefaults, page_size_max: 100 }
const cursorOf = (text: string) => Buffer.from(text).toString('base64url')
const rows = [3, 2, 1].map((number) => ({ number, createdAt: number * 10, id: `id-${number}` }))

test.each([
  ['50 rows are shown where the request names no limit', undefined, 100, 51],
  ['50 rows are shown where the server allows exactly these', undefined, 50, 51],
  ['fewer rows are shown where the server allows fewer', undefined, 20, 21],
  ['one row is shown where one was requested', 1, 100, 2],
  ['a limit at the limit of the server is kept', 100, 100, 101],
])('%s, and one more is read', (_fact, limit, page_size_max, read) => {
  const query = limit === undefined ? {} : { limit }
  expect(pageRequest({ ...limits, page_size_max }, 'number', query)).toEqual({ limit: read })
})

test('a limit above that of the server is refused', () => {
  expect(() => pageRequest(limits, 'number', { limit: 101 })).toThrow(
    expect.objectContaining({
      code: 'invalid_input',
      message: 'limit is above the limit: at most 100 are allowed.',
      fields: [{ field: 'limit', message: 'must be at most 100 (page_size_max)' }],
      limit: 'page_size_max',
    }),
  )
})

test.each([
  ['number', 'n0', { number: 0 }],
  ['number', `n${'9'.repeat(15)}`, { number: 999_999_999_999_999 }],
  ['created_at', 'c0.x', { createdAt: 0, id: 'x' }],
  ['created_at', `c${'9'.repeat(15)}.${'x'.repeat(200)}`, { createdAt: 999_999_999_999_999, id: 'x'.repeat(200) }],
  ['created_at', 'c1.a.b\nc', { createdAt: 1, id: 'a.b\nc' }],
] as const)('in the order of %s the cursor of %j continues there', (order, text, before) => {
  expect(pageRequest(limits, order, { cursor: cursorOf(text), limit: 1 })).toStrictEqual({ limit: 2, before })
})

test.each([
  ['number', ''],
  ['number', 'n'],
  ['number', '1'],
  ['number', 'xn1'],
  ['number', 'n1x'],
  ['number', 'n-1'],
  ['number', `n${'9'.repeat(16)}`],
  ['number', 'c1.x'],
  ['created_at', 'n1'],
  ['created_at', 'c1'],
  ['created_at', 'c1.'],
  ['created_at', 'c.x'],
  ['created_at', 'c1xx'],
  ['created_at', '1.x'],
  ['created_at', 'xc1.x'],
  ['created_at', `c${'9'.repeat(16)}.x`],
  ['created_at', `c1.${'x'.repeat(201)}`],
] as const)('in the order of %s the cursor of %j is refused', (order, text) => {
  expect(() => pageRequest(limits, order, { cursor: cursorOf(text) })).toThrow(
    expect.objectContaining({
      code: 'invalid_input',
      message: 'The cursor is not one of this list.',
      fields: [{ field: 'cursor', message: 'must be the cursor that came with the page before it' }],
    }),
  )
})

test('a page with a row behind it shows the others, and continues at the last one shown', () => {
  const request = pageRequest(limits, 'number', { limit: 2 })
  const page = pageOf('number', rows, request)
  expect(page).toStrictEqual({ rows: rows.slice(0, 2), has_more: true, next_cursor: cursorOf('n2') })
  const next = pageRequest(limits, 'number', { limit: 2, cursor: page.next_cursor ?? '' })
  expect(next).toStrictEqual({ limit: 3, before: { number: 2 } })
})

test('in the order of created_at a page continues at the instant and the id of its last row', () => {
  const page = pageOf('created_at', rows, { limit: 2 })
  expect(page).toStrictEqual({ rows: rows.slice(0, 1), has_more: true, next_cursor: cursorOf('c30.id-3') })
  const next = pageRequest(limits, 'created_at', { limit: 1, cursor: page.next_cursor ?? '' })
  expect(next).toStrictEqual({ limit: 2, before: { createdAt: 30, id: 'id-3' } })
})

test.each([
  ['a full page with nothing behind it is the last one', rows, 4],
  ['a page that is not full is the last one', rows, 10],
  ['a page without rows is the last one', [], 2],
])('%s', (_fact, found, limit) => {
  expect(pageOf('number', found, { limit })).toStrictEqual({ rows: found, has_more: false, next_cursor: null })
})

test('a page of no rows at all has no row to continue at', () => {
  expect(pageOf('number', rows, { limit: 1 })).toStrictEqual({ rows: [], has_more: false, next_cursor: null })
})
