import { expect, test } from 'vitest'
import { limitDefaults } from '../../domain/limits.ts'
import { preferredWait, wantsStream } from './preferences.ts'

test.each([
  [undefined, undefined],
  ['respond-async', undefined],
  ['wait=10', 10],
  ['wait="10"', 10],
  ['respond-async, wait=10', 10],
  ['WAIT = 3; foo=bar', 3],
  ['return=minimal, wait=0', 0],
  ['wait=99999', limitDefaults.wait_seconds_max],
  ['wait=-1', undefined],
  ['wait=abc', undefined],
  ['await=5', undefined],
])('Prefer: %s asks to wait %s seconds', (header, seconds) => {
  expect(preferredWait(header, limitDefaults)).toBe(seconds)
})

test.each([
  [undefined, false],
  ['*/*', false],
  ['application/json', false],
  ['text/event-stream', true],
  ['application/json, text/event-stream', true],
  ['text/event-stream;q=0.5', true],
  ['text/event-stream;q=0', false],
  ['text/event-stream; q=0.0, */*', false],
  ['Text/Event-Stream', true],
])('Accept: %s wants a stream: %s', (accept, expected) => {
  expect(wantsStream(accept)).toBe(expected)
})
