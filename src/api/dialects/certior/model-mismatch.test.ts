import { expect, test } from 'vitest'
import { locationOf, ModelMismatch, refuseMismatches } from './model-mismatch.ts'

test.each([
  ['body', '', ['body']],
  ['body', 'task', ['body', 'task']],
  ['body', 'permissions.0', ['body', 'permissions', 0]],
  ['body', 'a.10.b1.2c', ['body', 'a', 10, 'b1', '2c']],
])('in the %s the field %j stands at %j', (place, field, location) => {
  expect(locationOf(place, field)).toStrictEqual(location)
})

test.each([
  ['body', 'required', 'string', 'missing'],
  ['body', 'minimum', 'integer', 'greater_than_equal'],
  ['body', 'maximum', 'integer', 'less_than_equal'],
  ['body', 'minLength', 'string', 'string_too_short'],
  ['body', 'maxLength', 'string', 'string_too_long'],
  ['body', 'pattern', 'string', 'string_pattern_mismatch'],
  ['body', 'maxItems', 'array', 'too_long'],
  ['body', 'enum', 'string', 'literal_error'],
  ['body', 'const', undefined, 'literal_error'],
  ['body', 'type', 'string', 'string_type'],
  ['body', 'type', 'integer', 'int_type'],
  ['body', 'type', 'number', 'float_type'],
  ['body', 'type', 'boolean', 'bool_type'],
  ['body', 'type', 'array', 'list_type'],
  ['body', 'type', 'object', 'model_attributes_type'],
  ['body', 'type', undefined, 'value_error'],
  ['body', 'uniqueItems', undefined, 'value_error'],
  ['query', 'type', 'integer', 'int_parsing'],
  ['query', 'type', 'string', 'string_type'],
  ['query', 'maximum', 'integer', 'less_than_equal'],
])('in the %s a mismatch of %s with the type %s is %s', (place, keyword, type, word) => {
  const refusal = refuseMismatches([{ field: 'size', message: 'must be other', keyword, type }], place)
  expect(refusal).toMatchObject({ mismatches: [{ loc: [place, 'size'], msg: 'must be other', type: word }] })
})

test('a request is refused once, with each of its mismatches', () => {
  const found = ['a', 'b.0'].map((field) => ({
    field,
    message: `${field} is wrong`,
    keyword: 'required',
    type: 'string',
  }))
  const refusal = refuseMismatches(found, 'body')
  expect(refusal).toBeInstanceOf(ModelMismatch)
  expect(refusal).toMatchObject({
    name: 'ModelMismatch',
    code: 'invalid_input',
    message: 'The request is not as it should be.',
    fields: [],
    mismatches: [
      { loc: ['body', 'a'], msg: 'a is wrong', type: 'missing' },
      { loc: ['body', 'b', 0], msg: 'b.0 is wrong', type: 'missing' },
    ],
  })
})
