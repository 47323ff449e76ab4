import type {
  AnsweredPromptView,
  AnswerPromptBody,
  PromptPage,
  PromptQuery,
  PromptView,
  SettlePromptBody,
} from '../api/native/contract/prompt.ts'
import { type Connection, requestJson, type Sendable } from './send-request.ts'

/** The calls about prompts: what runs ask people, and the answers. */
export function createPromptCalls(connection: Connection) {
  const at = (id: string) => `/prompts/${encodeURIComponent(id)}`
  const settle = (id: string, verb: string, body: object) =>
    requestJson<AnsweredPromptView>(connection, { method: 'POST', path: `${at(id)}/${verb}`, body })
  return {
    /** Lists what the caller may answer, newest first. With `wait` an empty inbox answers as soon as something is asked. */
    listPrompts: (query: Sendable<PromptQuery> = {}, signal?: AbortSignal) =>
      requestJson<PromptPage>(connection, { path: '/prompts', query, signal }),
    readPrompt: (id: string) => requestJson<PromptView>(connection, { path: at(id) }),
    /** Lists every prompt of a task, the settled ones too. A task is named by its id or its number. */
    listTaskPrompts: (id: string, query: Pick<Sendable<PromptQuery>, 'cursor' | 'limit'> = {}) =>
      requestJson<PromptPage>(connection, { path: `/tasks/${encodeURIComponent(id)}/prompts`, query }),
    answerPrompt: (id: string, body: Sendable<AnswerPromptBody>) => settle(id, 'answer', body),
    approvePrompt: (id: string, body: Sendable<SettlePromptBody> = {}) => settle(id, 'approve', body),
    denyPrompt: (id: string, body: Sendable<SettlePromptBody> = {}) => settle(id, 'deny', body),
    /** Says that nobody will answer a question. */
    declinePrompt: (id: string, body: Sendable<SettlePromptBody> = {}) => settle(id, 'cancel', body),
  }
}
