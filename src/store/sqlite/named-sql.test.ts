import { expect, test } from 'vitest'
import { named, placeValues } from './named-sql.ts'

const sql = named(`UPDATE things SET size = :size, at = max(:at, at)
  WHERE id = :id AND (:size > 0 OR done = :isDone)`)

test('each name is one parameter, in the order in which it comes first', () => {
  expect(sql.names).toEqual(['size', 'at', 'id', 'isDone'])
  expect(sql.text).toBe(`UPDATE things SET size = ?1, at = max(?2, at)
  WHERE id = ?3 AND (?1 > 0 OR done = ?4)`)
})

test('values go to the places of their names, whatever order they are given in', () => {
  expect(placeValues(sql, { id: 'x', isDone: true, at: null, size: 3 })).toEqual([3, null, 'x', 1])
})

test('a value that is not given is a defect, and is named', () => {
  // @ts-expect-error: the compiler sees it too
  expect(() => placeValues(sql, { id: 'x', isDone: false, size: 3 })).toThrow('at is not given for: UPDATE things')
})
