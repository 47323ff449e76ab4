import { describe, expect, test } from 'vitest'
import { createCliWorld, eventStream, problem } from '../../../test/support/cli-world.ts'
import {
  sampleApproval,
  sampleId,
  sampleJournal,
  samplePrompt,
  samplePromptId,
  sampleQuestion,
  sampleTask,
} from '../../../test/support/sample-views.ts'
import type { PromptView } from '../../api/native/contract/prompt.ts'

type Typed = (string | Promise<string>)[]

interface Options {
  readonly prompts: readonly PromptView[]
  readonly typed?: Typed | undefined
  readonly isTty?: boolean
  /** What the server says to each answer, in order; then it takes them. */
  readonly refusals?: readonly Response[]
}

/** A task that opens these prompts, waits, and ends when each is answered, or when `end` is called. */
function world({ prompts, typed, isTty = true, refusals = [] }: Options) {
  const ended = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  const left = new Set(prompts.map(({ id }) => id))
  const refused = [...refusals]
  const [submitted, message, queued] = sampleJournal()
  const opened = prompts.map(({ id, kind, tool, payload }, index) => ({
    ...submitted,
    seq: 4 + index,
    type: 'prompt.opened',
    data: { prompt: id, prompt_kind: kind, tool, payload },
  }))
  const waits = { ...submitted, seq: 4 + prompts.length, type: 'run.waiting', data: { for: 'prompt' } }
  const before = [submitted, message, queued, ...opened, waits] as { seq: number; type: string }[]
  const ends = { ...submitted, seq: 5 + prompts.length, type: 'run.succeeded', data: { result: 'hello' } }
  const answered = (id: string) => () => {
    const refusal = refused.shift()
    if (refusal !== undefined) return refusal
    left.delete(id)
    if (left.size === 0) ended.resolve()
    return { prompt: samplePrompt({ id, state: 'answered', outcome: 'answered' }), task_state: 'queued', open: [] }
  }
  const verbs = prompts.flatMap(({ id }) =>
    ['answer', 'approve', 'deny'].map((verb) => [`POST /prompts/${id}/${verb}`, answered(id)] as const),
  )
  let streams = 0
  const created = createCliWorld({
    isTty,
    typed,
    routes: {
      'GET /health': { live: true, ready: true, degraded: [], version: '1' },
      'POST /tasks': sampleTask({ state: 'queued', result: null, last_seq: 3 }),
      [`POST /tasks/${sampleId}/cancel`]: () => {
        ended.resolve()
        return sampleTask({ state: 'cancelled' })
      },
      // The first connection ends when the run waits; the one after it brings the end.
      [`GET /tasks/${sampleId}/events`]: async () => {
        streams += 1
        if (streams === 1) return eventStream(before)
        waiting.resolve()
        await ended.promise
        return eventStream([ends as unknown as { seq: number; type: string }])
      },
      [`GET /tasks/${sampleId}`]: () =>
        sampleTask({ state: streams > 1 ? 'succeeded' : 'waiting', last_seq: streams > 1 ? ends.seq : ends.seq - 1 }),
      [`GET /tasks/${sampleId}/files`]: { files: [] },
      ...Object.fromEntries(prompts.map((prompt) => [`GET /prompts/${prompt.id}`, prompt])),
      ...Object.fromEntries(verbs),
    },
  })
  const sent = () =>
    created.requests.flatMap(({ method, url, body }) =>
      method === 'POST' && url.pathname.includes('/prompts/') ? [[url.pathname.split('/').at(-1), body]] : [],
    )
  return { ...created, sent, waiting: waiting.promise, end: ended.resolve }
}

const submittedBody = ({ requests }: Pick<ReturnType<typeof world>, 'requests'>) =>
  requests.find(({ method, url }) => method === 'POST' && url.pathname.endsWith('/tasks'))?.body

describe('mandate run at a terminal', () => {
  test('lets the agent ask, asks with numbered options, sends the answer and goes on to the end', async () => {
    const one = world({ prompts: [samplePrompt({ version: 2 })], typed: ['green', '2'] })
    const { out, exitCode } = await one.run('run', 'x')
    expect(submittedBody(one)).toEqual({ input: 'x', ask_question: true })
    expect(out).toContain('Which color?\n  1  red\n  2  blue\n> It takes one of: 1 red, 2 blue.')
    expect(one.sent()).toEqual([['answer', { data: { answers: { answer: 'blue' } }, version: 2 }]])
    expect(out).not.toContain('Answer with:')
    expect(exitCode).toBe(0)
  })

  test('asks all questions of a prompt, and takes its default for an empty line', async () => {
    const questions = [sampleQuestion({ id: 'a', default: 'blue' }), sampleQuestion({ id: 'b', options: [] })]
    const one = world({ prompts: [samplePrompt({ payload: { questions } })], typed: ['', '', 'because'] })
    const { out } = await one.run('run', 'x')
    expect(out).toContain('The answer is empty. Ctrl-D leaves it open.')
    expect(one.sent()).toEqual([['answer', { data: { answers: { a: 'blue', b: 'because' } }, version: 1 }]])
  })

  test('asks several prompts one after the other, in the order in which they were opened', async () => {
    const prompts = [samplePrompt(), samplePrompt({ id: samplePromptId(2) })]
    const one = world({ prompts, typed: ['red', 'blue'] })
    await one.run('run', 'x')
    expect(one.sent().map(([, body]) => body)).toMatchObject([
      { data: { answers: { answer: 'red' } } },
      { data: { answers: { answer: 'blue' } } },
    ])
  })

  test.each<[string[], [string, object]]>([
    [['yes'], ['approve', { version: 1 }]],
    [
      ['no', 'too dear'],
      ['deny', { version: 1, message: 'too dear' }],
    ],
    [
      ['No', ''],
      ['deny', { version: 1 }],
    ],
    [
      ['y', 'yes please', 'no', ''],
      ['deny', { version: 1 }],
    ],
  ])('takes %j for an approval by the whole word only', async (typed, expected) => {
    const one = world({ prompts: [sampleApproval()], typed })
    const { out } = await one.run('run', 'x')
    expect(out).toContain('  arguments  {"path":"a.txt","text":"pay \\u202e1"}\n')
    expect(one.sent()).toEqual([expected])
  })

  test('asks again where the answer did not fit or did not arrive, and not where somebody was first', async () => {
    const refusals = [
      problem(422, 'invalid_input'),
      problem(503, 'storage_unavailable'),
      problem(409, 'prompt_settled'),
    ]
    const one = world({ prompts: [samplePrompt()], typed: ['red', 'red', 'red'], refusals })
    const running = one.run('run', 'x')
    await one.waiting
    one.end()
    const { out, exitCode } = await running
    expect(one.sent()).toHaveLength(3)
    expect(out).toContain('It is prompt_settled.')
    expect(exitCode).toBe(0)
  })

  test('leaves a prompt open at Ctrl-D and says how to answer it later', async () => {
    const one = world({ prompts: [samplePrompt()], typed: [] })
    const running = one.run('run', 'x')
    await one.waiting
    one.end()
    const { out } = await running
    expect(out).toContain('Left open. Answer with: mandate answer 7 <answer>\n')
    expect(one.sent()).toEqual([])
  })

  test('cancels at Ctrl-C while it asks, and ends with 130', async () => {
    const one = world({ prompts: [samplePrompt()], typed: [new Promise<string>(() => undefined)] })
    const running = one.run('run', 'x')
    await one.waiting
    one.interrupt()
    const { out, exitCode } = await running
    expect(out).toContain('\nCancelling; press Ctrl-C again')
    expect([exitCode, one.sent()]).toEqual([130, []])
  })

  test('says that somebody else has to answer where the person may not', async () => {
    const one = world({ prompts: [samplePrompt({ may_answer: false })], typed: ['red'] })
    const running = one.run('run', 'x')
    await one.waiting
    one.end()
    expect((await running).out).toContain('Somebody else has to answer this.')
    expect(one.sent()).toEqual([])
  })

  test.each([[['--no-ask']], [['--json']]])('does not let the agent ask with %j', async (options) => {
    const one = world({ prompts: [], typed: [] })
    one.end()
    await one.run('run', ...options, 'x')
    expect(submittedBody(one)).toEqual({ input: 'x' })
  })
})

describe('mandate run without a terminal', () => {
  test('does not let the agent ask unless --ask says so', async () => {
    const one = world({ prompts: [], isTty: false })
    one.end()
    await one.run('run', 'x')
    await one.run('run', '--ask', 'x')
    const bodies = one.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
    expect(bodies).toEqual([{ input: 'x' }, { input: 'x', ask_question: true }])
  })

  test.each<[PromptView[], string]>([
    [[samplePrompt()], 'mandate answer 7 <answer>'],
    [[sampleApproval()], 'mandate answer 7 --approve, or --deny'],
    [
      [samplePrompt(), samplePrompt({ id: samplePromptId(2) })],
      'mandate answer <prompt> …; "mandate inbox" lists the 2 prompts',
    ],
  ])('says in one line how to answer, on standard error with --json', async (prompts, how) => {
    for (const options of [[], ['--json']]) {
      const one = world({ prompts, isTty: false })
      one.end()
      const { out, err } = await one.run('run', '--ask', ...options, 'x')
      expect((options.length === 0 ? out : err).split('\n')).toContain(`Answer with: ${how}`)
    }
  })
})
