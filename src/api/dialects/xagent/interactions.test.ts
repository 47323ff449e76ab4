import { expect, test } from 'vitest'
import type { Prompt, QuestionItem } from '../../../domain/prompt.ts'
import { isRefusal, Refusal } from '../../../domain/refusal.ts'
import { NoOpenQuestion } from '../../../engine/commands/reply-to-question.ts'
import { InteractionRefusal, presentInteraction, questionTextOf, refusedMessage, refusedReply } from './interactions.ts'

const item = (over: Partial<QuestionItem> = {}): QuestionItem => ({
  id: 'answer',
  question: 'Which?',
  options: [],
  multiple: false,
  default: null,
  ...over,
})
const open = (over: Partial<Prompt> = {}, ...items: QuestionItem[]) => ({
  prompt: { id: 'prompt-1', kind: 'question', tool: 'ask_question', expiresAt: null, ...over } as Prompt,
  items,
})
const context = { publicUrl: () => 'https://tasks.example' }

test.each([
  [[open({}, item())], 'Which?'],
  [[open({}, item(), item({ question: 'When?' })), open({}, item({ question: 'Why?' }))], 'Which?\nWhen?\nWhy?'],
  [[open({})], '[purged content]'],
  [[open({ kind: 'approval', tool: 'write_file' })], 'A call of write_file waits for an approval.'],
  [[open({ kind: 'approval', tool: null })], 'An action waits for an approval.'],
  [[open({ kind: 'plan' })], 'A plan waits for an approval.'],
  [[open({ kind: 'budget' })], 'The budget is used up: more waits for an approval.'],
])('what is asked is one text', (prompts, text) => {
  expect(questionTextOf(prompts)).toBe(text)
})

test.each([
  ['text_input', item(), {}],
  ['text_input', item({ default: 'tea' }), { default: 'tea' }],
  ['select_one', item({ options: ['a'] }), { options: [{ label: 'a', value: 'a' }] }],
  ['select_multiple', item({ options: ['a'], multiple: true }), { options: [{ label: 'a', value: 'a' }] }],
])('a question is a control: %s', (type, asked, more) => {
  const prompt_url = 'https://tasks.example/mandate/v1/prompts/prompt-1'
  const shared = { prompt_id: 'prompt-1', kind: 'question', expires_at: '1970-01-01T00:00:00.000Z', prompt_url }
  expect(presentInteraction(context, [open({ expiresAt: 0 }, asked)])).toEqual({
    question: 'Which?',
    interactions: [{ type, field: 'answer', label: 'Which?', ...more, ...shared }],
  })
})

test('a decision is one control, and nothing that is asked is none', () => {
  const shown = presentInteraction(context, [open({ kind: 'plan' })])
  expect(shown?.interactions).toMatchObject([{ type: 'confirm', field: 'decision', kind: 'plan', expires_at: null }])
  expect(presentInteraction(context, [])).toBeNull()
})

test('a message to a task that waits for an answer is refused by a word of its own, and any other refusal stays', () => {
  const busy = (state: 'waiting' | 'running') => new Refusal('task_busy', 'busy', { state, retryAfterMs: 1_000 })
  const refused = refusedMessage(busy('waiting'))
  expect(refused).toBeInstanceOf(InteractionRefusal)
  expect(refused).toMatchObject({ code: 'task_busy', word: 'interaction_response_required', retryAfterMs: undefined })
  for (const other of [busy('running'), new Refusal('overloaded', 'x'), new Error('x')]) {
    expect(refusedMessage(other)).toBe(other)
  }
})

test.each(['several', 'needs_decision', 'several_items'] as const)(
  'a reply that is no answer is refused: %s',
  (reason) => {
    const cause = new NoOpenQuestion(reason)
    const refused = refusedReply(cause)
    expect(isRefusal(refused, 'no_open_question')).toBe(true)
    expect(refused).toMatchObject({ word: 'interaction_not_resumable', message: cause.message })
  },
)

test('a reply to nothing stays what it is', () => {
  const nothing = new NoOpenQuestion('none')
  expect(refusedReply(nothing)).toBe(nothing)
})
