import { describe, expect, test } from 'vitest'
import { createCliWorld, problem } from '../../../../test/support/cli-world.ts'
import {
  sampleApproval,
  sampleId,
  samplePrompt,
  samplePromptId,
  sampleQuestion,
} from '../../../../test/support/sample-views.ts'
import type { PromptView } from '../../../api/native/contract/prompt.ts'

const page = (prompts: PromptView[]) => ({ prompts, has_more: false, next_cursor: null })

function world(prompts: PromptView[], open: PromptView[] = []) {
  const [first = samplePrompt()] = prompts
  const settled = { prompt: { ...first, state: 'answered', outcome: 'answered' }, task_state: 'queued', open }
  const verbs = ['answer', 'approve', 'deny', 'cancel'].map((verb) => [`POST /prompts/${first.id}/${verb}`, settled])
  return createCliWorld({
    routes: {
      'GET /tasks/7/prompts': page(prompts),
      [`GET /tasks/${sampleId}/prompts`]: page(prompts),
      [`GET /prompts/${sampleId}`]: problem(404, 'prompt_not_found'),
      [`GET /prompts/${first.id}`]: first,
      ...Object.fromEntries(verbs),
    },
  })
}

const sentBy = ({ requests }: ReturnType<typeof createCliWorld>) => {
  const sent = requests.filter(({ method }) => method === 'POST')
  return sent.map(({ url, body }) => [url.pathname.split('/').at(-1), body])
}

describe('mandate answer', () => {
  test.each(['7', sampleId, samplePromptId()])(
    'answers the one question of %s, with the version that was read',
    async (word) => {
      const one = world([samplePrompt({ version: 3 })])
      const { exitCode, out } = await one.run('answer', word, '2')
      expect(sentBy(one)).toEqual([['answer', { data: { answers: { answer: 'blue' } }, version: 3 }]])
      expect(out).toBe('answered; task 7 is queued\nFollow it with: mandate task watch 7\n')
      expect(exitCode).toBe(0)
    },
  )

  test('answers each of several questions by its id', async () => {
    const questions = [sampleQuestion({ id: 'a' }), sampleQuestion({ id: 'b', options: [] })]
    const one = world([samplePrompt({ payload: { questions } })])
    const argv = ['answer', '7', '--answer', 'b=x=y', '--answer', 'a=RED', '--message', 'so be it']
    expect((await one.run(...argv)).exitCode).toBe(0)
    expect(sentBy(one)).toEqual([
      ['answer', { data: { answers: { a: 'red', b: 'x=y' } }, message: 'so be it', version: 1 }],
    ])
  })

  test.each([
    ['--approve', 'approve'],
    ['--deny', 'deny'],
  ])('sends %s to an approval, with what the agent is told', async (option, verb) => {
    const one = world([sampleApproval()])
    expect((await one.run('answer', '7', option, '--message', 'why not')).exitCode).toBe(0)
    expect(sentBy(one)).toEqual([[verb, { message: 'why not', version: 1 }]])
  })

  test('declines a question', async () => {
    const one = world([samplePrompt()])
    await one.run('answer', '7', '--decline')
    expect(sentBy(one)).toEqual([['cancel', { version: 1 }]])
  })

  test('shows what is asked, and sends nothing, without an answer', async () => {
    const one = world([sampleApproval()])
    const { out, exitCode } = await one.run('answer', '7')
    expect(out).toContain(`task 7 approval of write_file · open · ${samplePromptId()}\n`)
    expect(out).toContain('  arguments  {"path":"a.txt","text":"pay \\u202e1"}\n')
    expect([exitCode, sentBy(one)]).toEqual([0, []])
  })

  test('says what the task still asks', async () => {
    const other = samplePrompt({ id: samplePromptId(2) })
    const { out } = await world([samplePrompt()], [other]).run('answer', '7', 'red')
    expect(out).toBe(`answered; task 7 is queued\nIt still asks:\n  ${samplePromptId(2)}  Which color?\n`)
  })

  test('prints the server’s answer with --json', async () => {
    const { out } = await world([samplePrompt()]).run('answer', '7', 'red', '--json')
    expect(JSON.parse(out)).toMatchObject({ task_state: 'queued', prompt: { id: samplePromptId() } })
  })

  const two = [samplePrompt(), samplePrompt({ id: samplePromptId(2) })]
  const several = [samplePrompt({ payload: { questions: [sampleQuestion({ id: 'a' }), sampleQuestion({ id: 'b' })] } })]
  test.each<[string, PromptView[], string[], string]>([
    ['free text for an approval', [sampleApproval()], ['yes'], 'decide by --approve or --deny'],
    ['a text beside a verb', [sampleApproval()], ['yes', '--approve'], '--approve takes no answer'],
    ['two verbs', [sampleApproval()], ['--deny', '--approve'], 'Say one of --approve and --deny'],
    ['what is no option', [samplePrompt()], ['green'], 'It takes one of: 1 red, 2 blue.'],
    ['one text for two questions', several, ['red'], '--answer a=… --answer b=…'],
    ['one answer for two questions', several, ['--answer', 'a=red'], 'The question "b" has no answer'],
    ['a question that there is not', [samplePrompt()], ['--answer', 'c=red'], 'There is no question "c"'],
    ['a task that asks several things', two, ['red'], `say which by its id:\n  ${samplePromptId(1)}  Which color?`],
    ['a task that asks nothing', [samplePrompt({ state: 'expired' })], ['red'], 'Task 7 asks nothing.'],
  ])('refuses %s with 2, and sends nothing', async (_what, prompts, argv, message) => {
    const one = world(prompts)
    const { exitCode, err } = await one.run('answer', '7', ...argv)
    expect(err).toContain(message)
    expect([exitCode, sentBy(one)]).toEqual([2, []])
  })

  test('says how it was settled where somebody was first, and ends with 5', async () => {
    const routes = {
      'GET /tasks/7/prompts': page([samplePrompt()]),
      [`POST /prompts/${samplePromptId()}/answer`]: problem(409, 'prompt_settled'),
    }
    const { exitCode, err } = await createCliWorld({ routes }).run('answer', '7', 'red')
    expect([exitCode, err]).toEqual([5, 'mandate: It is prompt_settled.\n'])
  })
})
