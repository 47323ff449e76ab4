import { expect, test } from 'vitest'
import { runStates } from '../../../domain/run-state.ts'
import { statesOf, statusOf, streamStatuses } from './states.ts'

test('each state of a run has its status: one that waits or is paused is suspended', () => {
  expect(Object.fromEntries(runStates.map((state) => [state, statusOf(state)]))).toStrictEqual({
    queued: 'queued',
    running: 'running',
    waiting: 'suspended',
    paused: 'suspended',
    succeeded: 'completed',
    failed: 'failed',
    blocked: 'failed',
    cancelled: 'aborted',
  })
})

test('each status stands for its states', () => {
  expect(Object.fromEntries(streamStatuses.map((status) => [status, statesOf(status)]))).toStrictEqual({
    queued: ['queued'],
    running: ['running'],
    suspended: ['waiting', 'paused'],
    completed: ['succeeded'],
    failed: ['failed', 'blocked'],
    aborted: ['cancelled'],
  })
})
