import { expect, test } from 'vitest'
import { newArguments, storedArguments } from './tool-arguments.ts'

const salt = '7'.repeat(32)

test('what a model wrote is kept in canonical form, under the salt, as JSON', () => {
  const { arguments: made, content } = newArguments(salt, { b: 1, a: [2] })
  expect(content).toMatchObject({ salt, body: '{"a":[2],"b":1}', mediaType: 'application/json', digest: made.digest })
  expect(made).toMatchObject({ salt, canonical: '{"a":[2],"b":1}', value: { a: [2], b: 1 } })
})

test('numbers that JSON does not have are made into what it has', () => {
  const { arguments: made } = newArguments(salt, { zero: -0, most: Infinity })
  expect(made.value).toEqual({ zero: 0, most: null })
})

test('arguments that are read from the journal are those that were made', () => {
  const { arguments: made, content } = newArguments(salt, { b: 1, a: 'x' })
  expect(storedArguments(made.digest, content)).toEqual(made)
})

test('arguments whose content is gone are an empty object without a salt, under their digest', () => {
  expect(storedArguments('sha256:gone', undefined)).toEqual({
    canonical: '{}',
    value: {},
    digest: 'sha256:gone',
    salt: '',
  })
})
