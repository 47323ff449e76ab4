import { type Static, Type } from 'typebox'
import { count, microsUsd, nullable, strict } from './fields.ts'

const day = (description: string) => Type.String({ minLength: 1, maxLength: 10, description })

/** The query of a usage report: the days, the groups, and the tasks that count. */
export const UsageQuerySchema = Type.Object(
  {
    from: Type.Optional(day('The first day (UTC), as 2026-01-31; left out: 30 days.')),
    to: Type.Optional(day('The last day, included; left out: today.')),
    by: Type.Optional(
      Type.String({
        description: 'By what it is summed up: one or several of agent, user, team and day, separated by commas.',
      }),
    ),
    user_id: Type.Optional(Type.String({ minLength: 1, description: "Only this user's tasks." })),
  },
  strict,
)
/** The query of `GET /v1/usage`, after validation by its form. A day is `YYYY-MM-DD` in UTC. */
export type UsageQuery = Static<typeof UsageQuerySchema>

/** The usage of ended runs, by the day of their end. A field that was not requested as a group is null. */
export const UsageReportSchema = Type.Object({
  from: Type.String(),
  to: Type.String(),
  usage: Type.Array(
    Type.Object({
      day: nullable(Type.String()),
      agent_id: nullable(Type.String()),
      user_id: nullable(Type.String()),
      team_id: nullable(Type.String()),
      runs: count(),
      steps: count(),
      input_tokens: count(),
      output_tokens: count(),
      cost_micros_usd: microsUsd(),
    }),
  ),
})
/** The response of `GET /v1/usage`. */
export type UsageReportView = Static<typeof UsageReportSchema>
