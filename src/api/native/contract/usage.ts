import { type Static, Type } from 'typebox'
import { count } from './fields.ts'

/** Tokens as the providers count them. Cache reads and writes are part of the input. */
export const UsageSchema = Type.Object({
  input_tokens: count(),
  output_tokens: count(),
  cache_read_tokens: count(),
  cache_write_tokens: count(),
  reasoning_tokens: count(),
})
/** The tokens of a call, a run or a task. */
export type UsageView = Static<typeof UsageSchema>
