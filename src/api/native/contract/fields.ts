import { type TSchema, Type } from 'typebox'

/** Building blocks of the contract: the same word has the same form everywhere. */
export const uuid = () => Type.String({ format: 'uuid' })

/** An instant: ISO 8601. What the server says is always UTC with milliseconds; a client may give any offset. */
export const instant = () => Type.String({ format: 'date-time' })

/** The schema, or null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** A whole number from 0. */
export const count = () => Type.Integer({ minimum: 0 })

/** An amount of money in millionths of a US dollar, from 0. */
export const microsUsd = () => Type.Integer({ minimum: 0, description: 'Millionths of a US dollar.' })

/** A body that a client sends: a field that is not named here is refused. */
export const strict = { additionalProperties: false } as const
