import { Refusal } from '../../../domain/refusal.ts'
import type { DescribedSchemaError } from '../../describe-schema-errors.ts'
import type { RefuseSchemaErrors } from '../../validate-input.ts'
import type { Mismatch } from './contract/error.ts'

/**
 * A request that does not match its model. It is `invalid_input` that also knows the place and the rule of each
 * mismatch.
 */
export class ModelMismatch extends Refusal {
  readonly mismatches: readonly Mismatch[]

  constructor(mismatches: readonly Mismatch[]) {
    super('invalid_input', 'The request is not as it should be.')
    this.name = 'ModelMismatch'
    this.mismatches = mismatches
  }
}

/** Refuses a request with each of its mismatches. Certior answers it with 422. */
export const refuseMismatches: RefuseSchemaErrors = (found, place) =>
  new ModelMismatch(found.map((schemaError) => mismatchOf(schemaError, place)))

function mismatchOf({ field, message, keyword, type }: DescribedSchemaError, place: string): Mismatch {
  return { loc: locationOf(place, field), msg: message, type: typeWord(keyword, type, place) }
}

/** Splits the path of a field into names. Places in a list are numbers. */
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

/** Names the kind of a mismatch by the short words of this kind of API. */
function typeWord(keyword: string, type: string | undefined, place: string): string {
  const word = byKeyword[keyword] ?? byType[type ?? '']
  // A query holds only texts, which have to be parsed first.
  if (word === 'int_type' && place === 'query') return 'int_parsing'
  return word ?? 'value_error'
}
