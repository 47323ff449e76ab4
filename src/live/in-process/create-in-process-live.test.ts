import { expect, test } from 'vitest'
import type { Delta } from '../live.ts'
import { createInProcessLive } from './create-in-process-live.ts'

function delta(index: number, text: string, over: Partial<Delta> = {}): Delta {
  const where = { task: 't', run: 'r', attempt: 1, step: 1, action: null, snapshot: false }
  return { ...where, index, kind: 'text.delta', text, ...over }
}

test('who listens from the start gets every delta as it comes', () => {
  const live = createInProcessLive()
  const seen: Delta[] = []
  live.listen('t', (each) => seen.push(each))
  live.publish(delta(0, 'a'))
  live.publish(delta(1, 'b'))
  expect(seen).toEqual([delta(0, 'a'), delta(1, 'b')])
})

test('who comes late first gets all the text so far, of each kind, up to the last index', () => {
  const live = createInProcessLive()
  live.publish(delta(0, 'thinking', { kind: 'reasoning.delta' }))
  for (const [index, text] of ['a', 'b', 'c'].entries()) live.publish(delta(index, text))
  const seen: Delta[] = []
  live.listen('t', (each) => seen.push(each))
  live.publish(delta(3, 'd'))
  expect(seen.map(({ kind, index, text, snapshot }) => [kind, index, text, snapshot])).toEqual([
    ['reasoning.delta', 0, 'thinking', true],
    ['text.delta', 2, 'abc', true],
    ['text.delta', 3, 'd', false],
  ])
})

test('another attempt or step starts its text anew, and a settled one leaves none', () => {
  const live = createInProcessLive()
  live.publish(delta(0, 'old'))
  live.publish(delta(0, 'new', { attempt: 2 }))
  const seen: Delta[] = []
  live.listen('t', (each) => seen.push(each))()
  expect(seen.map(({ text, attempt }) => [text, attempt])).toEqual([['new', 2]])
  live.settle('t')
  live.listen('t', (each) => seen.push(each))()
  expect(seen).toHaveLength(1)
})

test('a listener that has left hears nothing, and other tasks are not heard', () => {
  const live = createInProcessLive()
  const seen: Delta[] = []
  const leave = live.listen('t', (each) => seen.push(each))
  live.publish(delta(0, 'x', { task: 'other' }))
  leave()
  live.publish(delta(0, 'a'))
  expect(seen).toEqual([])
})
