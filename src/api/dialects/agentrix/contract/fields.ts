import { type TSchema, Type } from 'typebox'

/** Building blocks of the contract: the same word has the same form everywhere. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What the server says is always UTC with milliseconds. */
export const instant = () => Type.String({ format: 'date-time' })

/** An id that a client names. */
export const idWord = (description: string) => Type.String({ minLength: 1, maxLength: 300, description })

/** Standard base64 with its padding, of one byte at least. */
export const base64 = (maxLength: number, description: string) =>
  Type.String({
    minLength: 4,
    maxLength,
    description,
    pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$',
    'x-form': 'base64 with its padding',
  })

/** A page of a list: `nextCursor` asks for the one after it. */
export const pageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '50 when not given.' })),
}
export const pageFields = { hasMore: Type.Boolean(), nextCursor: nullable(Type.String()) }
