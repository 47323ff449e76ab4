import { prompts } from '../tables/prompts.ts'
import type { WriteEncoders } from './commit-parts.ts'

/** Encoders for writes of prompts. */
export const promptEncoders = {
  insert_prompt: ({ prompt }, { calls }) => void calls.push(['insertPrompt', ...prompts.insert.parametersOf(prompt)]),
  settle_prompt({ kind: _kind, answeredBy, ...settled }, { call }) {
    call('settlePrompt', { ...settled, answeredBy: answeredBy === null ? null : JSON.stringify(answeredBy) })
  },
} satisfies Partial<WriteEncoders>
