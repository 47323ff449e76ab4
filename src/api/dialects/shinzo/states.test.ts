import { expect, test } from 'vitest'
import { runStates } from '../../../domain/run-state.ts'
import { statusOf, taskStatuses } from './states.ts'

test('each state of a run has its word: one that waits for somebody is awaiting_input', () => {
  expect(Object.fromEntries(runStates.map((state) => [state, statusOf(state)]))).toEqual({
    queued: 'queued',
    running: 'running',
    waiting: 'awaiting_input',
    paused: 'running',
    succeeded: 'completed',
    failed: 'failed',
    blocked: 'failed',
    cancelled: 'cancelled',
  })
  expect(new Set(runStates.map(statusOf))).toEqual(new Set(taskStatuses))
})
