import { expect, test } from 'vitest'
import { placeOfCloud, placeOfMachine, readId, showId, showIdOrNull, showPlace } from './ids.ts'

test.each([
  ['task', 'task-7'],
  ['chat', 'chat-7'],
  ['agent', 'agent-7'],
  ['user', 'user-7'],
] as const)('the id of a %s is shown as %s, and read with and without its prefix', (kind, shown) => {
  expect(showId(kind, '7')).toBe(shown)
  expect(showIdOrNull(kind, '7')).toBe(shown)
  expect(readId(kind, shown)).toBe('7')
  expect(readId(kind, '7')).toBe('7')
})

test('no id is shown as null', () => {
  expect(showIdOrNull('task', null)).toBeNull()
})

test.each([
  ['chat-7', 'chat-7'],
  ['task7', 'task7'],
  ['a-task-7', 'a-task-7'],
  ['task-task-7', 'task-7'],
  ['task-', ''],
])('the id %s of a task is read as %j: its own prefix is dropped, and once', (word, id) => {
  expect(readId('task', word)).toBe(id)
})

test.each([
  ['cloud-default', 'cloud:default'],
  ['default', 'cloud:default'],
  ['machine-m1', 'cloud:machine-m1'],
])('the cloud %s is the place %s', (word, place) => {
  expect(placeOfCloud(word)).toBe(place)
})

test.each([
  ['machine-m1', 'machine:m1'],
  ['m1', 'machine:m1'],
  ['cloud-m1', 'machine:cloud-m1'],
])('the machine %s is the place %s', (word, place) => {
  expect(placeOfMachine(word)).toBe(place)
})

test('a place is shown as a cloud or as a machine', () => {
  expect(showPlace('cloud:default')).toEqual({ machineId: null, cloudId: 'cloud-default' })
  expect(showPlace('machine:m1')).toEqual({ machineId: 'machine-m1', cloudId: null })
  expect(showPlace('machine:a:b')).toEqual({ machineId: 'machine-a:b', cloudId: null })
})
