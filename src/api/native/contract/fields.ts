import { type TSchema, Type } from 'typebox'

/** The id of a resource. The building blocks of this file give a field the same form throughout the contract. */
export const uuid = () => Type.String({ format: 'uuid' })

/** An instant in ISO 8601. The server always writes UTC with milliseconds; a client may send any offset. */
export const instant = () => Type.String({ format: 'date-time' })

/** Makes a field nullable. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** A whole number from 0. */
export const count = () => Type.Integer({ minimum: 0 })

/** An amount of money in millionths of a US dollar, from 0. */
export const microsUsd = () => Type.Integer({ minimum: 0, description: 'Millionths of a US dollar.' })

/** The option of bodies that clients send: fields that the schema does not know are refused. */
export const strict = { additionalProperties: false } as const
