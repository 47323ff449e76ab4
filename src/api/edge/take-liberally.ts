import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createValidatorCompiler, type RefuseSchemaErrors } from '../validate-input.ts'
import type { LiberalRules } from './read-liberally.ts'

/** The header that names the ignored fields of a request, so that a mistyped limit is seen. */
export const ignoredFieldsHeader = 'mandate-ignored-fields'

const namesMax = 32
const nameCharsMax = 100

/**
 * Reads bodies and queries of a dialect's routes liberally, as its original does: null and empty count as absent, and
 * unknown fields are ignored. The ignored fields are named in the header of the answer, and kept with the task by
 * `ignoredFieldsOf`.
 */
export function takeLiberally(app: FastifyInstance, refuse: RefuseSchemaErrors, rules: LiberalRules = {}): void {
  app.setValidatorCompiler(createValidatorCompiler(refuse, { rules, recordIgnored }))
  app.addHook('preHandler', async (request, reply) => {
    const names = ignoredFieldsOf(request)
    if (names.length > 0) void reply.header(ignoredFieldsHeader, headerOf(names))
  })
}

const ignoredIn = new WeakMap<object, readonly string[]>()

function recordIgnored(value: unknown, names: readonly string[]): void {
  if (names.length > 0 && typeof value === 'object' && value !== null) ignoredIn.set(value, names)
}

/** Names the ignored fields of a request's query and body. Their number and the length of a name are limited. */
export function ignoredFieldsOf({ query, body }: Pick<FastifyRequest, 'query' | 'body'>): readonly string[] {
  const names = [query, body].flatMap((value) =>
    typeof value === 'object' && value !== null ? (ignoredIn.get(value) ?? []) : [],
  )
  return names.slice(0, namesMax).map((name) => name.slice(0, nameCharsMax).toWellFormed())
}

/** Joins names by commas. Commas, and characters that a header cannot carry, are percent-encoded. */
function headerOf(names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name).replaceAll('%5B%5D', '[]')).join(', ')
}
