import {
  type ApiDescription,
  answersIn,
  type DescribedAnswer,
  type DescribedRoute,
  honoursIdempotencyKeys,
  type RouteDescription,
} from './api-description.ts'
import {
  headersOfStatus,
  type RequestHeaderName,
  type ResponseHeaderName,
  requestHeaders,
  responseHeaders,
} from './headers.ts'
import { type NamedSchemas, nameSchemas } from './name-schemas.ts'

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>

interface ObjectSchema {
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, object & { readonly description?: string }>>
}

/**
 * Builds the OpenAPI document of an API from its routes' own schemas. Everything that is used more than once is a component:
 * the schemas that the contract exports, the headers, and every refusal. Throws for a route without a summary or a name of
 * its own, which a generated client could not offer.
 */
export function buildDocument(api: ApiDescription, routes: readonly DescribedRoute[]): OpenApiDocument {
  const schemas = nameSchemas(api.contract)
  const answers = collectAnswers(schemas, api.headers ?? [])
  const paths: Record<string, Record<string, object>> = {}
  const names = operationNames(api.tags)
  for (const { method, url, schema } of routes) {
    const path = pathOf(url)
    const { summary, description = `${summary}.`, security } = schema
    const name = names.get(`${method} ${path}`)
    if (name === undefined || summary === undefined) {
      throw new Error(`${method} ${path} needs a summary, and a name among the operations of its API.`)
    }
    const parameters = parametersOf(schemas, schema)
    paths[path] ??= {}
    paths[path][method.toLowerCase()] = {
      ...name,
      summary,
      description,
      security,
      ...(parameters.length > 0 && { parameters }),
      requestBody: schema.body === undefined ? undefined : bodyOf(schemas, schema.body),
      responses: answers.of(schema),
    }
  }
  const { title, version, description, servers, securitySchemes } = api
  return {
    openapi: '3.1.0',
    info: { title, version, description, contact: { name: 'The operator of this server' }, license },
    servers,
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    tags: api.tags.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      securitySchemes,
      schemas: sorted(schemas.used),
      responses: sorted(answers.shared),
      headers: answers.headers,
    },
  }
}

/** Maps method and path to the operation's name and tag. Throws where two operations have one name. */
function operationNames(tags: ApiDescription['tags']) {
  const names = new Map<string, { readonly operationId: string; readonly tags: readonly string[] }>()
  const taken = new Set<string>()
  for (const { name, operations } of tags) {
    for (const [route, operationId] of Object.entries(operations)) {
      if (taken.has(operationId)) throw new Error(`Two operations are named ${operationId}.`)
      taken.add(operationId)
      names.set(route, { operationId, tags: [name] })
    }
  }
  return names
}

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' }

/** The name of the parameter that a `*` at the end of a path stands for. */
const wildcardName = 'path'

function pathOf(url: string): string {
  return url.replaceAll(/:(\w+)/gu, '{$1}').replace(/\*$/u, `{${wildcardName}}`)
}

function parametersOf(schemas: NamedSchemas, route: RouteDescription) {
  const { params, querystring, requestHeaders: own = [] } = route
  const headers: readonly RequestHeaderName[] = honoursIdempotencyKeys(route) ? ['Idempotency-Key', ...own] : own
  return [...inPlace('path', params), ...inPlace('query', querystring), ...headers.map(headerParameter)]

  function inPlace(place: 'path' | 'query', schema: unknown) {
    const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema
    return Object.entries(properties).map(([name, property]) => ({
      name: name === '*' ? wildcardName : name,
      in: place,
      required: place === 'path' || required.includes(name),
      description: property.description,
      schema: schemas.refer(property),
    }))
  }
}

function headerParameter(name: RequestHeaderName) {
  return { name, in: 'header', required: false, description: requestHeaders[name], schema: { type: 'string' } }
}

function bodyOf(schemas: NamedSchemas, body: unknown) {
  const { required = [] } = body as ObjectSchema
  return { required: required.length > 0, content: { 'application/json': { schema: schemas.refer(body as object) } } }
}

/** Collects answers. Refusals, which many operations share, become components named by their status and codes. */
function collectAnswers(schemas: NamedSchemas, common: readonly ResponseHeaderName[]) {
  const shared: Record<string, object> = {}
  const headers: Record<string, object> = {}
  const headersOf = (status: number, own: readonly ResponseHeaderName[]) => {
    const names = [...headersOfStatus(status), ...common, ...own]
    for (const name of names) headers[name] ??= { description: responseHeaders[name], schema: { type: 'string' } }
    return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
  }
  const describe = (
    status: string,
    { description, headers: own = [], content, codes = [] }: DescribedAnswer,
  ): object => {
    const bodies = Object.entries(content ?? {}).map(([type, { schema }]) => [type, { schema: schemas.refer(schema) }])
    const answer = {
      description,
      headers: headersOf(Number(status), own),
      ...(bodies.length > 0 && { content: Object.fromEntries(bodies) }),
    }
    if (codes.length === 0) return answer
    const name = [status, ...codes].join('.')
    shared[name] ??= answer
    return { $ref: `#/components/responses/${name}` }
  }
  return {
    shared,
    headers,
    of(route: RouteDescription) {
      const replayed: readonly ResponseHeaderName[] = honoursIdempotencyKeys(route) ? ['Idempotent-Replayed'] : []
      const answers = answersIn(route.response).map(([status, answer]) => {
        const { headers = [], codes } = answer
        return [status, describe(status, codes ? answer : { ...answer, headers: [...headers, ...replayed] })] as const
      })
      return Object.fromEntries(answers)
    },
  }
}

function sorted(components: Readonly<Record<string, object>>): Record<string, object> {
  return Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)))
}
