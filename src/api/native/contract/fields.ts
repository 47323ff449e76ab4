import { type TSchema, Type } from 'typebox'

/** Building blocks of the contract: the same word has the same form everywhere. */
export const uuid = () => Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })

/** An instant: ISO 8601, UTC, milliseconds. */
export const instant = () => Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' })

/** An instant that a client gives: any offset, seconds and their fraction as it likes. */
export const instantGiven = () =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
    description: 'An instant, ISO 8601 with Z or an offset.',
  })

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const count = () => Type.Integer({ minimum: 0 })

export const microsUsd = () => Type.Integer({ minimum: 0, description: 'Millionths of a US dollar.' })

/** A body that a client sends: a field that is not named here is refused. */
export const strict = { additionalProperties: false } as const
