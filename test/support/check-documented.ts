import type { FastifyInstance } from 'fastify'
import { Compile } from 'typebox/schema'
import { expect } from 'vitest'
import { resolveReferences } from './resolve-references.ts'

interface DocumentedAnswer {
  readonly headers?: Readonly<Record<string, object>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
interface Documented {
  readonly responses: Readonly<Record<string, DocumentedAnswer>>
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>> }

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/**
 * Reads an OpenAPI document of the server. What it answers with says of an answer to `method path` that it is no failure
 * of the server, that the document knows its status and media type, and that its JSON is as the document says.
 */
export async function readDocument(app: FastifyInstance, url: string) {
  const { paths } = resolveReferences<Document>((await app.inject({ url })).json())
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  return (method: string, path: string, answer: Answer): void => {
    const where = `${method} ${path} ${answer.statusCode} ${answer.body.slice(0, 500)}`
    expect(answer.statusCode, where).toBeLessThan(500)
    const response = paths[path]?.[method]?.responses[answer.statusCode]
    expect(response, where).toBeDefined()
    expectDocumentedHeaders(response, answer, where)
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    const schema = response?.content?.[type]?.schema
    expect(schema, `${where} as ${type}`).toBeDefined()
    if (schema === undefined || type !== 'application/json') return
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    expect(validator.Check(JSON.parse(answer.body)), where).toBe(true)
  }
}

/** Headers of HTTP itself, of caches and of browsers: no document tells of them. */
const ofHttp =
  /^(cache-control|connection|content-length|content-security-policy|content-type|date|keep-alive|x-content-type-options)$/u

/** Every header of an answer that says something of this server is in its document. */
export function expectDocumentedHeaders(
  documented: { readonly headers?: Readonly<Record<string, object>> } | undefined,
  { headers }: Pick<Answer, 'headers'>,
  where: string,
): void {
  const known = Object.keys(documented?.headers ?? {}).map((name) => name.toLowerCase())
  const unknown = Object.keys(headers).filter((name) => !ofHttp.test(name) && !known.includes(name))
  expect(unknown, where).toEqual([])
}
