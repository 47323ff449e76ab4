import { expect, test } from 'vitest'
import { createStreamQuota } from './stream-quota.ts'

test('a task has two streams, whoever opens them', () => {
  const quota = createStreamQuota()
  const giveBack = quota.take('task-1', 'key-1')
  quota.take('task-1', 'key-2')
  expect(() => quota.take('task-1', 'key-3')).toThrow(expect.objectContaining({ code: 'limit_exceeded' }))
  quota.take('task-2', 'key-3')
  giveBack()
  quota.take('task-1', 'key-3')
})

test('a key has 32 streams', () => {
  const quota = createStreamQuota()
  for (let task = 0; task < 32; task += 1) quota.take(`task-${task}`, 'key-1')
  expect(() => quota.take('task-32', 'key-1')).toThrow(expect.objectContaining({ retryAfterMs: 5_000 }))
  quota.take('task-32', 'key-2')
})

test('a place is given back once', () => {
  const quota = createStreamQuota()
  const giveBack = quota.take('task-1', 'key-1')
  giveBack()
  giveBack()
  for (const key of ['key-1', 'key-2']) quota.take('task-1', key)
  expect(() => quota.take('task-1', 'key-3')).toThrow()
})
