import { expect, test } from 'vitest'
import { allStateWords, stateWords } from './states.ts'

test('each state of a run has its word: one that waits for somebody is running', () => {
  expect(stateWords).toStrictEqual({
    queued: 'pending',
    running: 'running',
    waiting: 'running',
    paused: 'paused',
    succeeded: 'completed',
    blocked: 'failed',
    failed: 'failed',
    cancelled: 'cancelled',
  })
})

test('each word is listed once', () => {
  expect(allStateWords).toStrictEqual(['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'])
})
