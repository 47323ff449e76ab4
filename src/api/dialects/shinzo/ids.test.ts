import { expect, test } from 'vitest'
import { agentIdOf, shownTaskId, taskIdOf } from './ids.ts'

const id = '0199b000-1234-7abc-8def-00000000abcd'
const digits = '0199b00012347abc8def00000000abcd'

test('the id of a task is shown with a prefix and without dashes', () => {
  expect(shownTaskId(id)).toBe(`tsk_${digits}`)
})

test.each([id, digits, id.toUpperCase()])(
  '%s is the id of a task and of an agent, with and without a prefix',
  (text) => {
    expect([taskIdOf(text), taskIdOf(`tsk_${text}`)]).toEqual([id, id])
    expect([agentIdOf(text), agentIdOf(`agt_${text}`)]).toEqual([id, id])
  },
)

test.each([
  '',
  'tsk_',
  'agt_',
  `x${digits}`,
  `${digits}0`,
  digits.slice(1),
  digits.replace('abc', 'xyz'),
  `TSK_${digits}`,
  `tsk_tsk_${digits}`,
  `agt_agt_${digits}`,
  `${id.slice(0, 8)}--${id.slice(9)}`,
])('%j is no id', (text) => {
  expect([taskIdOf(text), agentIdOf(text)]).toEqual([undefined, undefined])
})

test('the prefix of the other kind is refused', () => {
  expect(taskIdOf(`agt_${digits}`)).toBeUndefined()
  expect(agentIdOf(`tsk_${digits}`)).toBeUndefined()
})
