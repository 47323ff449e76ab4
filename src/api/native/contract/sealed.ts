import { type Static, Type } from 'typebox'

/** Bytes that the client encrypted end to end. The server stores and returns them and can read nothing in them. */
export const SealedSchema = Type.Object(
  {
    sealed: Type.Literal(true),
    media_type: Type.String({ minLength: 1, maxLength: 200 }),
    base64: Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', 'x-form': 'base64' }),
  },
  { additionalProperties: false },
)

/**
 * A text as readers get it. It is sealed where it is end-to-end encrypted, and null where it was purged or never
 * existed.
 */
export const ReadableSchema = Type.Union([Type.String(), SealedSchema, Type.Null()])
/** A content as the native API shows it. */
export type Readable = Static<typeof ReadableSchema>
