import { expect, test } from 'vitest'
import type { Content } from '../../../domain/content.ts'
import type { EventOf, JournalEvent } from '../../../domain/event.ts'
import type { AnswerOutcome, PromptState, QuestionItem } from '../../../domain/prompt.ts'
import { contentOf } from '../../../proof/digests.ts'
import { askUserResponse, findOpened, questionsIn, statusOf } from './ask-user.ts'

const item = (id: string, byDefault: string | null = null): QuestionItem => ({
  id,
  question: `${id}?`,
  options: [],
  multiple: false,
  default: byDefault,
})
const questions = [item('color'), item('size', 'small')]
const by = { user: 'user-1', key: null, via: 'token' as const }
const json = (value: object): Content => contentOf('0'.repeat(32), JSON.stringify(value), 'application/json')
const event = (seq: number, kind: string, facts: object) =>
  ({ seq, run: 'run-1', attempt: null, at: 0, kind, facts, contents: {} }) as unknown as JournalEvent
const opened = (seq: number, prompt: string) => event(seq, 'prompt.opened', { prompt, prompt_kind: 'question' })
const answered = (seq: number, prompt: string, outcome: AnswerOutcome = 'answered') =>
  event(seq, 'prompt.answered', { prompt, outcome, by }) as EventOf<'prompt.answered'>

test('answers are shown in the order of the questions, and one that is missing as null', () => {
  const answer = json({ data: { answers: { size: 'big' } }, message: null })
  expect(askUserResponse(answered(2, 'p'), questions, answer)).toEqual({
    type: 'ask_user_response',
    promptId: 'p',
    answers: [null, 'big'],
    status: 'answered',
    reason: 'user',
  })
})

test('what a person said beside the answer is shown, and nothing of an answer that is purged', () => {
  const declined = answered(2, 'p', 'declined')
  expect(askUserResponse(declined, questions, json({ data: {}, message: 'Later.' }))).toMatchObject({
    answers: [],
    status: 'cancelled',
    message: 'Later.',
  })
  expect(askUserResponse(answered(2, 'p'), questions, undefined)).toMatchObject({ answers: [], status: 'answered' })
  expect(questionsIn(undefined)).toEqual([])
})

test('a question that expired is shown with its defaults only where they count', () => {
  const expired = (outcome: string) => event(2, 'prompt.expired', { prompt: 'p', outcome }) as EventOf<'prompt.expired'>
  expect(askUserResponse(expired('default'), questions, undefined)).toMatchObject({ answers: [null, 'small'] })
  expect(askUserResponse(expired('deny'), questions, undefined)).toMatchObject({ answers: [], status: 'timeout' })
})

test.each<[PromptState, AnswerOutcome | null, string]>([
  ['answered', 'answered', 'answered'],
  ['answered', 'approved', 'answered'],
  ['answered', 'declined', 'cancelled'],
  ['answered', 'denied', 'cancelled'],
  ['expired', null, 'timeout'],
  ['withdrawn', null, 'cancelled'],
])('a prompt that is %s (%s) is %s', (state, outcome, word) => {
  expect(statusOf(state, outcome)).toBe(word)
})

test('a question is found in the page of its answer, or however far before it', async () => {
  const journal = [opened(1, 'far'), ...Array.from({ length: 450 }, (_, at) => event(at + 2, 'run.paused', {}))]
  const reads: number[] = []
  const store = {
    readEvents: async (_task: string, after: number, limit: number) => {
      reads.push(after)
      return journal.filter(({ seq }) => seq > after && seq <= after + limit)
    },
  }
  const near = [opened(452, 'near'), answered(453, 'near')]
  expect([...(await findOpened(store, 'task-1', near))]).toEqual([['near', near[0]]])
  expect(reads).toEqual([])
  const both = await findOpened(store, 'task-1', [...near, answered(454, 'far')])
  expect(both.get('far')).toEqual(journal[0])
  expect(reads).toEqual([253, 53, 0])
  expect([...(await findOpened(store, 'task-1', [answered(453, 'nowhere')])).keys()]).toEqual([])
})
