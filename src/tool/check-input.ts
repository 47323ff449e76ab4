import { createRequire } from 'node:module'
import type * as JsonSchema from 'typebox/schema'
import type { JsonValue } from '../domain/json.ts'
import type { FieldError } from '../domain/refusal.ts'

type Validator = ReturnType<typeof JsonSchema.Compile>

/** The compiled validators by their schema, which a tool declares once. */
const validators = new WeakMap<object, Validator>()

/** The compiler is loaded at the first check and not at the start of the server, since it has many modules. */
const loadOnDemand = createRequire(import.meta.url)

const errorsMax = 10

/**
 * The problems of `value` under a JSON Schema (draft 2020-12), one per field, and empty where it is valid. A field is
 * named by its path (`items.0.name`), the whole value by ''. At most ten are listed.
 */
export function checkInput(schema: JsonValue, value: unknown): FieldError[] {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return []
  const [, errors] = validator.Errors(value)
  const fields = new Map<string, FieldError>()
  for (const error of errors) {
    for (const found of fieldErrors(error)) if (!fields.has(found.field)) fields.set(found.field, found)
  }
  if (fields.size === 0) fields.set('', { field: '', message: 'does not fit the schema' })
  return [...fields.values()].slice(0, errorsMax)
}

function validatorOf(schema: JsonValue): Validator {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw new Error('Not a schema of an object.')
  let validator = validators.get(schema)
  if (validator === undefined) {
    const { Compile }: typeof JsonSchema = loadOnDemand('typebox/schema')
    validator = Compile(schema)
    validators.set(schema, validator)
  }
  return validator
}

type CompilerError = ReturnType<Validator['Errors']>[1][number]

function fieldErrors(error: CompilerError): FieldError[] {
  const at = (name?: string) => {
    const names = error.instancePath.split('/').slice(1).map(unescapePointer)
    return (name === undefined ? names : [...names, name]).join('.')
  }
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => ({ field: at(name), message: 'is required' }))
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => ({ field: at(name), message: 'is not known' }))
    case 'boolean':
      return [{ field: at(), message: 'is not known' }]
    case 'enum':
      return [{ field: at(), message: `must be one of: ${error.params.allowedValues.map(String).join(', ')}` }]
    default:
      return [{ field: at(), message: error.message }]
  }
}

function unescapePointer(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}
