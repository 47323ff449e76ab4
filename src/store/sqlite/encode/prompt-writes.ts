import { answerLinks } from '../tables/answer-links.ts'
import { prompts } from '../tables/prompts.ts'
import type { WriteEncoders } from './commit-parts.ts'

/** Encoders for writes of prompts. */
export const promptEncoders = {
  insert_prompt({ prompt }, { calls, call }) {
    calls.push(['insertPrompt', ...prompts.insert.parametersOf(prompt)])
    call('addOpening', { prompt: prompt.id, ownerId: prompt.ownerId, teamId: prompt.teamId })
  },
  settle_prompt({ kind: _kind, answeredBy, ...settled }, { call }) {
    call('addSettlement', { prompt: settled.prompt })
    call('settlePrompt', { ...settled, answeredBy: answeredBy === null ? null : JSON.stringify(answeredBy) })
  },
  add_answer_link: ({ link }, { calls }) =>
    void calls.push(['addAnswerLink', ...answerLinks.insert.parametersOf(link)]),
  use_answer_link: ({ tokenHash, at }, { call }) => call('useAnswerLink', { tokenHash, at }),
  forget_answer_links: ({ before, limit }, { call }) => call('forgetAnswerLinks', { before, limit }),
} satisfies Partial<WriteEncoders>
