import { type Static, Type } from 'typebox'

/** Bytes that the client encrypted end to end: the server keeps and hands them out, and can read nothing in them. */
export const SealedSchema = Type.Object(
  {
    sealed: Type.Literal(true),
    media_type: Type.String({ minLength: 1, maxLength: 200 }),
    base64: Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', 'x-form': 'base64' }),
  },
  { additionalProperties: false },
)

/** A text as readers see it: sealed where it is, null where it was purged or never was. */
export const ReadableSchema = Type.Union([Type.String(), SealedSchema, Type.Null()])
export type Readable = Static<typeof ReadableSchema>
