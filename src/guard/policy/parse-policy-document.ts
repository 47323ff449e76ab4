import { createRequire } from 'node:module'
import type * as JsonSchema from 'typebox/schema'
import { type Capability, coveredByAny } from '../../domain/capability.ts'
import type { JsonValue } from '../../domain/json.ts'
import { type PolicyDocument, policyAliases } from '../../domain/policy.ts'
import { PolicyDocumentSchema } from './policy-document-schema.ts'
import { type FoundProblem, type PolicyProblem, placeProblems } from './policy-problem.ts'
import { MisplacedJson, type PlacedJson, readJson } from './read-json.ts'

/** The characters of a policy's document. A longer one is refused by this name. */
export const policyDocumentCharsMax = 200_000

/** A valid document, or its problems. */
export type ParsedDocument =
  | { readonly document: PolicyDocument; readonly problems?: never }
  | { readonly document?: never; readonly problems: readonly PolicyProblem[] }

/**
 * Parses a document that a person wrote. Returns it, or all of its problems, each with its line and what is allowed
 * there.
 */
export function parsePolicyDocument(source: string): ParsedDocument {
  if (source.length > policyDocumentCharsMax) {
    const message = `The document is longer than ${policyDocumentCharsMax} characters (policy_document_chars_max).`
    return { problems: placeProblems('document', source, [{ offset: 0, message, hint: null }]) }
  }
  const placed = readPlaced(source)
  if ('offset' in placed) return { problems: placeProblems('document', source, [placed]) }
  const schemaErrors = findSchemaErrors(placed.value)
  if (schemaErrors.length > 0) return { problems: placeAll(source, placed, schemaErrors) }
  // The schema has accepted it, and is PolicyDocument's strict form.
  const document = placed.value as unknown as PolicyDocument
  const contradictions = findContradictions(document)
  return contradictions.length > 0 ? { problems: placeAll(source, placed, contradictions) } : { document }
}

function readPlaced(source: string): PlacedJson | FoundProblem {
  try {
    return readJson(source)
  } catch (error) {
    if (error instanceof MisplacedJson) return { offset: error.offset, message: error.message, hint: null }
    throw error
  }
}

interface SchemaError {
  readonly pointer: string
  /** Whether the problem is the member's name and not its value. */
  readonly isName?: boolean
  readonly message: string
  readonly hint: string | null
}

function placeAll(
  source: string,
  { values, names }: PlacedJson,
  schemaErrors: readonly SchemaError[],
): PolicyProblem[] {
  const found = schemaErrors.map(({ pointer, isName, message, hint }) => {
    const offset = (isName ? names : values).get(pointer) ?? 0
    return { offset, message: `${fieldOf(pointer)} ${message}`, hint }
  })
  return placeProblems('document', source, found)
}

function fieldOf(pointer: string): string {
  const names = pointer.split('/').slice(1)
  return names.length === 0 ? 'The document' : names.join('.').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Loads and compiles the schema at the first check: a server whose policies are all known does not need it. */
const loadOnDemand = createRequire(import.meta.url)
let validator: ReturnType<typeof JsonSchema.Compile> | undefined

function findSchemaErrors(value: JsonValue): SchemaError[] {
  validator ??= compileSchema()
  const schemaErrors = new Map<string, SchemaError>()
  for (const error of validator.Errors(value)[1]) {
    for (const schemaError of schemaErrorsOf(error)) {
      // A list with a wrong entry may be reported in several ways, of which one is enough.
      const key = error.keyword === 'required' ? `${schemaError.pointer} ${schemaError.message}` : schemaError.pointer
      if (!schemaErrors.has(key)) schemaErrors.set(key, schemaError)
    }
  }
  return [...schemaErrors.values()]
}

function compileSchema(): ReturnType<typeof JsonSchema.Compile> {
  const { Compile }: typeof JsonSchema = loadOnDemand('typebox/schema')
  return Compile(PolicyDocumentSchema)
}

type CompilerError = ReturnType<ReturnType<typeof JsonSchema.Compile>['Errors']>[1][number]

function schemaErrorsOf(error: CompilerError): SchemaError[] {
  const { instancePath: pointer } = error
  const hint = descriptionAt(error.schemaPath)
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        pointer,
        message: `has no "${name}".`,
        hint: descriptionAt(`${error.schemaPath}/properties/${name}`) ?? hint,
      }))
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => {
        const own = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        return { pointer: own, isName: true, message: 'is not known here.', hint }
      })
    case 'boolean': // This reports the same problem a second time.
      return []
    case 'enum':
      return [{ pointer, message: 'is none of the words that may stand here.', hint }]
    case 'pattern':
      return [{ pointer, message: 'is not written as it must be.', hint }]
    default:
      return [{ pointer, message: `${error.message}.`, hint }]
  }
}

/** The schema's description of the place that an error points to. */
function descriptionAt(schemaPath: string): string | null {
  let schema: unknown = PolicyDocumentSchema
  for (const name of schemaPath.split('/').slice(1)) schema = Reflect.get(Object(schema), name)
  const description: unknown = Reflect.get(Object(schema), 'description')
  return typeof description === 'string' ? description : null
}

/** Contradictions, where each part is allowed but not all of them together. */
function findContradictions(document: PolicyDocument): SchemaError[] {
  const { name, ceiling, forbidden, content } = document
  const schemaErrors: SchemaError[] = []
  if (Object.hasOwn(policyAliases, name)) {
    const hint = `Requests that say ${name} mean ${policyAliases[name]}. Choose another name.`
    schemaErrors.push({ pointer: '/name', message: 'is another word for a policy that comes with the server.', hint })
  }
  const check = (
    list: 'ceiling' | 'defaults',
    isWrong: (entry: Capability) => boolean,
    message: string,
    hint: string,
  ) => {
    for (const [index, entry] of document[list].entries()) {
      if (isWrong(entry)) schemaErrors.push({ pointer: `/${list}/${index}`, message, hint })
    }
  }
  const isForbidden = (entry: Capability) => coveredByAny(forbidden, entry)
  check('ceiling', isForbidden, 'is forbidden by the same policy.', 'Take it out here, or out of "forbidden".')
  check('defaults', isForbidden, 'is forbidden by the same policy.', 'Take it out here, or out of "forbidden".')
  const isOutside = (entry: Capability) => !coveredByAny(ceiling, entry)
  check('defaults', isOutside, 'is not within the ceiling.', `The ceiling is: ${ceiling.join(', ')}.`)
  const seen = new Set<string>()
  for (const [index, keyword] of content.blocked_keywords.entries()) {
    const folded = keyword.toLowerCase()
    if (seen.has(folded)) {
      const hint = 'Keywords are found without regard to case.'
      schemaErrors.push({ pointer: `/content/blocked_keywords/${index}`, message: 'stands here a second time.', hint })
    }
    seen.add(folded)
  }
  return schemaErrors
}
