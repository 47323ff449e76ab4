import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delta } from '../../../live/live.ts'
import { createDeltaFormatter, cutText } from './events.ts'

const delta = (index: number, text: string, over: Partial<Delta> = {}): Delta => ({
  task: 'task-1',
  run: 'run-1',
  attempt: 1,
  step: 1,
  index,
  kind: 'text.delta',
  action: null,
  text,
  snapshot: false,
  ...over,
})
const open = () => {
  const formatter = createDeltaFormatter()
  return (...deltas: Delta[]) =>
    deltas
      .map(formatter)
      .filter((frame) => frame !== '')
      .map((frame) => JSON.parse(/data: (.*)\n/u.exec(frame)?.[1] ?? ''))
}

test('a delta is a message.delta without an id', () => {
  expect(createDeltaFormatter()(delta(0, 'hello'))).toBe(
    'event: message.delta\ndata: {"message_id":"message:run-1:1","text":"hello"}\n\n',
  )
})

test('only what is said is shown: no reasoning, no progress of tools', () => {
  const say = open()
  expect(say(delta(0, 'hm', { kind: 'reasoning.delta' }), delta(0, '50 %', { kind: 'action.progress' }))).toEqual([])
})

test('what a snapshot repeats is left out, so that the texts can be put one after the other', () => {
  const frames = open()(
    delta(1, 'one two', { snapshot: true }),
    delta(2, ' three'),
    delta(4, 'one two three four five', { snapshot: true }),
    delta(5, ' six'),
    delta(5, 'one two three four five six', { snapshot: true }),
  )
  expect(frames.map(({ text }) => text)).toEqual(['one two', ' three', ' four five', ' six'])
})

test('a text that begins anew is not shown again, the next message is', () => {
  const say = open()
  const again = { attempt: 2 }
  expect(say(delta(0, 'one'), delta(0, 'one'), delta(1, ' two'))).toHaveLength(1)
  expect(say(delta(0, 'next', { step: 2 }))).toEqual([{ message_id: 'message:run-1:2', text: 'next' }])
  expect(say(delta(0, 'next', { ...again, step: 2 }), delta(1, ' more', { ...again, step: 2 }))).toEqual([])
})

test('a text of more than 64 KiB is cut and says so', () => {
  const [frame] = open()(delta(0, 'x'.repeat(70_000), { snapshot: true }))
  expect([frame.text.length, frame.truncated]).toEqual([65_536, true])
})

const textBytesMax = 64 * 1024

test('a text of 64 KiB is whole, one byte more is cut', () => {
  expect(cutText('x'.repeat(textBytesMax))).toEqual({ text: 'x'.repeat(textBytesMax), truncated: false })
  expect(cutText('x'.repeat(textBytesMax + 1))).toEqual({ text: 'x'.repeat(textBytesMax), truncated: true })
})

test('what is left is a beginning of the text without half a character', () => {
  const characters = fc.constantFrom('a', 'é', '€', '😀')
  const property = fc.property(fc.array(characters, { minLength: 1, maxLength: 5 }), fc.nat(3), (some, shift) => {
    const text = 'a'.repeat(shift) + some.join('').repeat(Math.ceil(textBytesMax / some.length))
    const cut = cutText(text)
    expect(text.startsWith(cut.text)).toBe(true)
    expect(cut.text).not.toContain('\ufffd')
    const bytes = Buffer.byteLength(cut.text)
    expect(bytes).toBeLessThanOrEqual(textBytesMax)
    if (cut.truncated) expect(bytes).toBeGreaterThan(textBytesMax - 4)
    else expect(cut.text).toBe(text)
  })
  fc.assert(property, { numRuns: 40 })
})
