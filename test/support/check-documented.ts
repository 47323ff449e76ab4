import type { FastifyInstance } from 'fastify'
import { Compile } from 'typebox/schema'
import { expect } from 'vitest'

interface Documented {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
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
  const { paths } = (await app.inject({ url })).json<Document>()
  const compiled = new Map<object, ReturnType<typeof Compile>>()
  return (method: string, path: string, answer: Answer): void => {
    const where = `${method} ${path} ${answer.statusCode} ${answer.body.slice(0, 500)}`
    expect(answer.statusCode, where).toBeLessThan(500)
    const response = paths[path]?.[method]?.responses[answer.statusCode]
    expect(response, where).toBeDefined()
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    const schema = response?.content?.[type]?.schema
    expect(schema, `${where} as ${type}`).toBeDefined()
    if (schema === undefined || type !== 'application/json') return
    const validator = compiled.get(schema) ?? Compile(schema as never)
    compiled.set(schema, validator)
    expect(validator.Check(JSON.parse(answer.body)), where).toBe(true)
  }
}
