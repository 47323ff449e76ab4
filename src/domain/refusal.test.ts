import { expect, test } from 'vitest'
import { isRefusal, Refusal } from './refusal.ts'

test('a refusal carries its code, its message and every detail that it was given', () => {
  const cause = new Error('below')
  const detail = {
    fields: [{ field: 'title', message: 'is too long' }],
    denied: [{ permission: 'network:read', reason: 'exceeds_agent_grants' as const, detail: 'not granted' }],
    state: 'running' as const,
    limit: 'name_chars_max',
    retryAfterMs: 1_000,
  }
  const refusal = new Refusal('invalid_input', 'The title is too long.', { ...detail, cause })
  expect(refusal).toBeInstanceOf(Error)
  expect({ ...refusal }).toEqual({ name: 'Refusal', code: 'invalid_input', ...detail })
  expect(refusal.message).toBe('The title is too long.')
  expect(refusal.cause).toBe(cause)
})

test('a refusal without details has none, and no cause', () => {
  const refusal = new Refusal('overloaded', 'Too much.')
  expect(refusal).toMatchObject({ fields: [], denied: [] })
  expect([refusal.state, refusal.limit, refusal.retryAfterMs]).toEqual([undefined, undefined, undefined])
  expect('cause' in refusal).toBe(false)
})

test('a refusal is told from other errors, and by its code', () => {
  const refusal = new Refusal('overloaded', 'Too much.')
  expect(isRefusal(refusal)).toBe(true)
  expect(isRefusal(refusal, 'overloaded')).toBe(true)
  expect(isRefusal(refusal, 'task_not_found')).toBe(false)
  expect(isRefusal(Object.assign(new Error('x'), { code: 'overloaded' }), 'overloaded')).toBe(false)
  expect(isRefusal(undefined)).toBe(false)
})
