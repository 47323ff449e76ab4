import { expect, test } from 'vitest'
import { runStates } from '../../../domain/run-state.ts'
import { askedStatuses, executionStatuses, statesOf, statusOf } from './states.ts'

test('each state of a run has its status: one that has begun and not ended is executing', () => {
  expect(Object.fromEntries(runStates.map((state) => [state, statusOf(state)]))).toStrictEqual({
    queued: 'queued',
    running: 'executing',
    waiting: 'executing',
    paused: 'executing',
    succeeded: 'succeeded',
    failed: 'error',
    blocked: 'blocked',
    cancelled: 'cancelled',
  })
  expect(executionStatuses).toStrictEqual(['queued', 'executing', 'succeeded', 'blocked', 'error', 'cancelled'])
})

test('each word that a list can be filtered by stands for its states', () => {
  expect(Object.fromEntries(askedStatuses.map((word) => [word, statesOf(word)]))).toStrictEqual({
    queued: ['queued'],
    executing: ['running', 'waiting', 'paused'],
    succeeded: ['succeeded'],
    blocked: ['blocked'],
    error: ['failed'],
    cancelled: ['cancelled'],
    planning: ['running', 'waiting', 'paused'],
    verifying: ['running', 'waiting', 'paused'],
    completed: ['succeeded'],
    failed: ['failed', 'blocked'],
  })
})

test.each(['', 'running', 'done', 'Queued'])('the word %j stands for no state', (word) => {
  expect(statesOf(word)).toBeUndefined()
})
