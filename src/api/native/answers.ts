import { Type } from 'typebox'
import { defineRefusals } from '../edge/define-refusals.ts'
import { ProblemSchema, problemMediaType } from './contract/problem.ts'
import { problemOf } from './problem-of.ts'
import { problemTable } from './problem-table.ts'

/** The refusals of the native API, as problem details. */
export const refusals = defineRefusals({
  lines: problemTable,
  schema: ProblemSchema,
  mediaType: problemMediaType,
  separator: ' ',
  describe: (code, { title }) => `\`${code}\`: ${title}.`,
  body: problemOf,
})

/** Describe what a route may answer for the OpenAPI document: its successes, and the named refusals beside those that every route has. */
export const { answers, openAnswers, answersToBody } = refusals

/** The path parameter of the routes of one resource. A value that is no id names nothing, and is 404. */
export const IdSchema = Type.Object({ id: Type.String() })

/** The body of a request that takes no input. Clients may leave it out. */
export const NothingSchema = Type.Object({}, { additionalProperties: false })
