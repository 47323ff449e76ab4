import { expect, test } from 'vitest'
import { createFakeClock } from '../clock/fake/create-fake-clock.ts'
import { AttemptAborted, createAttemptControl } from './attempt-control.ts'

function open(graceMs = 5_000) {
  const clock = createFakeClock()
  return { clock, control: createAttemptControl(clock, graceMs) }
}

test('a new attempt goes on, and nobody has revoked anything of it', () => {
  const { control } = open()
  expect(control).toMatchObject({ stopAt: 'never', hasNewEvents: false, call: undefined })
  expect([control.signal.aborted, control.used.size, control.revoked.size]).toEqual([false, 0, 0])
})

test('an attempt that is paused and reaches no boundary within the grace is aborted as stopped', () => {
  const { clock, control } = open(5_000)
  control.pause()
  expect(control.stopAt).toBe('pause')
  clock.advance(4_999)
  expect(control.signal.aborted).toBe(false)
  clock.advance(1)
  expect(control.signal.reason).toEqual(new AttemptAborted('stopped'))
  expect(control.signal.reason).toMatchObject({ name: 'AttemptAborted', reason: 'stopped' })
})

test('a second pause does not put the end of the grace off', () => {
  const { clock, control } = open(5_000)
  control.pause()
  clock.advance(4_000)
  control.pause()
  clock.advance(1_000)
  expect(control.signal.aborted).toBe(true)
})

test('a pause that is withdrawn in time has no effect, and a later one has its whole grace', () => {
  const { clock, control } = open(5_000)
  control.pause()
  clock.advance(4_000)
  control.withdrawPause()
  expect(control.stopAt).toBe('never')
  clock.advance(10_000)
  expect(control.signal.aborted).toBe(false)
  control.pause()
  clock.advance(4_999)
  expect(control.signal.aborted).toBe(false)
})

test('an attempt that is handed back stays so: it is neither paused nor resumed, and no grace runs', () => {
  const { clock, control } = open()
  control.pause()
  control.handBack()
  control.pause()
  control.withdrawPause()
  expect(control.stopAt).toBe('hand_back')
  clock.advance(60_000)
  expect(control.signal.aborted).toBe(false)
})

test('the first reason of an abort stands', () => {
  const { clock, control } = open()
  control.pause()
  control.abort('cancelled')
  control.abort('superseded')
  clock.advance(60_000)
  expect(control.signal.reason).toMatchObject({ reason: 'cancelled', message: 'The attempt was aborted: cancelled.' })
})

test('an attempt that has ended leaves no timer', () => {
  const { clock, control } = open()
  control.pause()
  control.close()
  expect(clock.waiting).toBe(0)
  clock.advance(60_000)
  expect(control.signal.aborted).toBe(false)
})
