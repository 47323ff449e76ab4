import { expect, test } from 'vitest'
import { sampleTask } from '../../../../test/support/sample-tasks.ts'
import { runStates } from '../../../domain/run-state.ts'
import { cancelledMessage, controlStateOf, statusWords } from './states.ts'

const words = {
  queued: 'running',
  running: 'running',
  waiting: 'waiting_for_user',
  paused: 'paused',
  succeeded: 'completed',
  failed: 'failed',
  blocked: 'failed',
  cancelled: 'failed',
}
const controlStates = (stopRequestedAt: number | null) => {
  const { run } = sampleTask()
  return Object.fromEntries(runStates.map((state) => [state, controlStateOf({ ...run, state, stopRequestedAt })]))
}

test('each state of a run has its status: none reads pending', () => {
  expect(statusWords).toStrictEqual(words)
})

test('the controls show the status', () => {
  expect(controlStates(null)).toStrictEqual(words)
})

test('the controls show that a running run was asked to stop, even at the first instant', () => {
  expect(controlStates(1)).toStrictEqual({ ...words, running: 'pause_requested' })
  expect(controlStates(0)).toStrictEqual({ ...words, running: 'pause_requested' })
})

test('a cancelled run says that it was cancelled', () => {
  expect(cancelledMessage).toBe('The task was cancelled.')
})
