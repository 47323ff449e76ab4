import { expect, test } from 'vitest'
import { noParts, type StepParts, showDelta, showWhole } from './step-parts.ts'

const piece = (text: string, snapshot = false) => ({ text, snapshot })
const shownSoFar = (text: string): StepParts => ({ text: { id: '1.1.text', text } })

test('of a snapshot only what is new is shown', () => {
  const { chunks, parts } = showDelta(shownSoFar('Hel'), '1.1', 'text', piece('Hello', true))
  expect(chunks).toEqual([{ type: 'text-delta', id: '1.1.text', delta: 'lo' }])
  expect(parts.text?.text).toBe('Hello')
  expect(showDelta(parts, '1.1', 'text', piece('Hel', true)).chunks).toEqual([])
})

test('of the committed text only what is new is shown', () => {
  expect(showWhole(shownSoFar('Hel'), '1.1', { text: 'Hello' })).toEqual([
    { type: 'text-delta', id: '1.1.text', delta: 'lo' },
    { type: 'text-end', id: '1.1.text' },
  ])
})

test('what was shown and is not in the committed text is taken back', () => {
  const { parts } = showDelta(noParts, '1.1', 'text', piece('Something else'))
  expect(showWhole(parts, '1.1', { text: 'Hello' })).toEqual([
    { type: 'reset-step' },
    { type: 'text-start', id: '1.1.text' },
    { type: 'text-delta', id: '1.1.text', delta: 'Hello' },
    { type: 'text-end', id: '1.1.text' },
  ])
})
