import { Refusal } from '../../../domain/refusal.ts'
import type { DescribedSchemaError } from '../../describe-schema-errors.ts'
import type { RefuseSchemaErrors } from '../../validate-input.ts'
import type { Mismatch } from './contract/error.ts'

/** A request that is not as its model says: `invalid_input` that knows where and by which rule. */
export class ModelMismatch extends Refusal {
  readonly mismatches: readonly Mismatch[]

  constructor(mismatches: readonly Mismatch[]) {
    super('invalid_input', 'The request is not as it should be.')
    this.name = 'ModelMismatch'
    this.mismatches = mismatches
  }
}

export const refuseMismatches: RefuseSchemaErrors = (found, place) =>
  new ModelMismatch(found.map((schemaError) => mismatchOf(schemaError, place)))

function mismatchOf({ field, message, keyword, type }: DescribedSchemaError, place: string): Mismatch {
  return { loc: locationOf(place, field), msg: message, type: typeWord(keyword, type, place) }
}

/** Names on the way to a field; the places in a list are numbers. */
export function locationOf(place: string, field: string): (string | number)[] {
  const names = field === '' ? [] : field.split('.')
  return [place, ...names.map((name) => (/^\d+$/u.test(name) ? Number(name) : name))]
}

const byKeyword: Readonly<Record<string, string>> = {
  required: 'missing',
  minimum: 'greater_than_equal',
  maximum: 'less_than_equal',
  minLength: 'string_too_short',
  maxLength: 'string_too_long',
  pattern: 'string_pattern_mismatch',
  maxItems: 'too_long',
  enum: 'literal_error',
  const: 'literal_error',
}

const byType: Readonly<Record<string, string>> = {
  string: 'string_type',
  integer: 'int_type',
  number: 'float_type',
  boolean: 'bool_type',
  array: 'list_type',
  object: 'model_attributes_type',
}

/** The short word for what is wrong, as this kind of API has them. */
function typeWord(keyword: string, type: string | undefined, place: string): string {
  const word = byKeyword[keyword] ?? byType[type ?? '']
  // In a query everything is text that has to be read first.
  if (word === 'int_type' && place === 'query') return 'int_parsing'
  return word ?? 'value_error'
}
