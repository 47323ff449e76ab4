import fc from 'fast-check'
import { expect, test } from 'vitest'
import { moveRun } from './move-run.ts'
import { isRefusal } from './refusal.ts'
import { canMove, isTerminal, type RunState, runStates, terminalStates } from './run-state.ts'

/** The table of the design, written out a second time. */
const table = [
  'queued -> running paused failed cancelled',
  'running -> waiting paused queued succeeded failed blocked cancelled',
  'waiting -> queued paused failed blocked cancelled',
  'paused -> queued failed cancelled',
  'succeeded ->',
  'failed ->',
  'blocked ->',
  'cancelled ->',
]

test('the moves are those of the design and no others', () => {
  for (const line of table) {
    const [from = '', to = ''] = line.split('->')
    const allowed = to.trim().split(' ').filter(Boolean)
    expect(runStates.filter((state) => canMove(from.trim() as RunState, state))).toEqual(
      runStates.filter((state) => allowed.includes(state)),
    )
    for (const state of allowed) expect(moveRun(from.trim() as RunState, state as RunState)).toBe(state)
  }
})

test('a run that has ended refuses every move as settled', () => {
  fc.assert(
    fc.property(fc.constantFrom(...terminalStates), fc.constantFrom(...runStates), (from, to) => {
      expect(isTerminal(from)).toBe(true)
      expect(() => moveRun(from, to)).toThrowError(expect.objectContaining({ code: 'run_settled' }))
    }),
  )
})

test('a refused move of a run under way names what is allowed', () => {
  const refusal = (() => {
    try {
      return moveRun('paused', 'succeeded')
    } catch (error) {
      return error
    }
  })()
  expect(isRefusal(refusal, 'move_refused') && refusal.message).toContain('queued, failed, cancelled')
})

test('a refusal carries the state that stands in the way, and says what was asked for', () => {
  expect(() => moveRun('failed', 'running')).toThrow(
    expect.objectContaining({ message: 'The run has ended (failed); it cannot become running.', state: 'failed' }),
  )
  expect(() => moveRun('paused', 'succeeded')).toThrow(
    expect.objectContaining({
      message: 'A run that is paused cannot become succeeded. It can become: queued, failed, cancelled.',
      state: 'paused',
    }),
  )
})
