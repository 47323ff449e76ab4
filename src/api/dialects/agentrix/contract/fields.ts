import { type TSchema, Type } from 'typebox'

/** Makes a field nullable. The building blocks of this file give a field the same form throughout the contract. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** An instant in an answer. The server always writes UTC with milliseconds. */
export const instant = () => Type.String({ format: 'date-time' })

/** An id in a request. It is checked for its length only; whether it exists is decided later. */
export const idWord = (description: string) => Type.String({ minLength: 1, maxLength: 300, description })

/** Bytes in a request as standard base64 with its padding. It holds one byte at least. */
export const base64 = (maxLength: number, description: string) =>
  Type.String({
    minLength: 4,
    maxLength,
    description,
    pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$',
    'x-form': 'base64 with its padding',
  })

/** The query of a list: `cursor` is the `nextCursor` of the page before. */
export const pageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '50 when not given.' })),
}
/** The fields that each page of a list ends with. `nextCursor` is null on the last page. */
export const pageFields = { hasMore: Type.Boolean(), nextCursor: nullable(Type.String()) }
