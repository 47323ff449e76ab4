import type { Command } from 'commander'
import type { AnsweredPromptView, PromptView } from '../../../api/native/contract/prompt.ts'
import type { Client } from '../../../client/create-client.ts'
import type { JsonObject } from '../../../domain/json.ts'
import type { ConnectionOptions } from '../../connection.ts'
import { stateTones } from '../../live/summarise-task.ts'
import { collectPair } from '../../parse-options.ts'
import { addConnectionOptions, type CommandContext, type Invocation, withClient } from '../../program.ts'
import { describePrompt, titleOfPrompt } from '../../prompt/describe-prompt.ts'
import { answersData, readAnswer } from '../../prompt/read-answer.ts'
import { questionsOf } from '../../prompt/read-payload.ts'
import { writeJson, writeLines } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { findPrompt } from './find-prompt.ts'

interface AnswerOptions extends ConnectionOptions {
  readonly approve?: boolean
  readonly deny?: boolean
  readonly decline?: boolean
  readonly answer?: Readonly<Record<string, string>>
  readonly message?: string
  readonly json?: boolean
}

/** Adds `mandate answer`. It sends the version that was read, so that nothing is answered that has changed meanwhile. */
export function addAnswer(parent: Command, invocation: Invocation): void {
  const command = parent
    .command('answer')
    .summary('answer what an agent asks')
    .description(
      'Answers a question, or approves or denies what an agent wants to do. An option is named by its text or its number. ' +
        'Without an answer it shows what is asked.',
    )
    .argument('<prompt>', "its id, or its task's number or id where that asks only one thing")
    .argument('[text...]', 'the answer to the one question')
    .option('--answer <id=text>', 'the answer to one of several questions; may be repeated', collectPair('--answer'))
    .option('--approve', 'approve what is asked')
    .option('--deny', 'deny what is asked')
    .option('--decline', 'say that nobody will answer the question')
    .option('--message <text>', 'what the agent is told with it')
    .option('--json', "print the server's answer")
    .action((word: string, words: string[], options: AnswerOptions) =>
      withClient(invocation, options, (context) => answerPrompt(context, word, words.join(' '), options)),
    )
  addConnectionOptions(command)
}

const verbs = { approve: 'approvePrompt', deny: 'denyPrompt', decline: 'declinePrompt' } as const
type Verb = keyof typeof verbs

async function answerPrompt(context: CommandContext, word: string, text: string, options: AnswerOptions) {
  const { client, terminal } = context
  const verb = verbOf(options, text)
  const prompt = await findPrompt(client, word)
  const isAnswer = text !== '' || options.answer !== undefined
  if (verb === undefined && !isAnswer) return options.json ? writeJson(terminal, prompt) : show(context, prompt)
  const answered =
    verb === undefined ? await answer(client, prompt, text, options) : await settle(client, prompt, verb, options)
  if (options.json) return writeJson(terminal, answered)
  printAnswered(context, answered)
}

/** The verb that was chosen, if any. Free text never approves, and is no message either: that has its own option. */
function verbOf(options: AnswerOptions, text: string): Verb | undefined {
  const chosen = (Object.keys(verbs) as Verb[]).filter((verb) => options[verb])
  if (chosen.length > 1) throw new UsageError(`Say one of ${chosen.map((verb) => `--${verb}`).join(' and ')}.`)
  const [verb] = chosen
  if (verb !== undefined && (text !== '' || options.answer !== undefined)) {
    throw new UsageError(`--${verb} takes no answer; what the agent is to be told goes to --message.`)
  }
  return verb
}

function settle(client: Client, { id, version }: PromptView, verb: Verb, { message }: AnswerOptions) {
  return client[verbs[verb]](id, { message, version })
}

function answer(client: Client, prompt: PromptView, text: string, { answer: pairs = {}, message }: AnswerOptions) {
  if (prompt.kind !== 'question') {
    throw new UsageError(`It is no question (${prompt.kind}): decide by --approve or --deny.`)
  }
  return client.answerPrompt(prompt.id, { data: dataOf(prompt, text, pairs), message, version: prompt.version })
}

function dataOf({ payload }: PromptView, text: string, pairs: Readonly<Record<string, string>>): JsonObject {
  const items = questionsOf(payload)
  const ids = items.map(({ id }) => id)
  const unknown = Object.keys(pairs).find((id) => !ids.includes(id))
  if (unknown !== undefined) throw new UsageError(`There is no question "${unknown}"; there are: ${ids.join(', ')}.`)
  const [first, ...others] = ids
  const isForOne = text !== '' && first !== undefined
  if (isForOne && (others.length > 0 || pairs[first] !== undefined)) {
    throw new UsageError(`Say which question each answer is for: ${ids.map((id) => `--answer ${id}=…`).join(' ')}`)
  }
  const typed = isForOne ? { [first]: text } : pairs
  const answers = new Map<string, string | string[]>()
  for (const item of items) {
    const one = typed[item.id]
    if (one === undefined) throw new UsageError(`The question "${item.id}" has no answer: --answer ${item.id}=…`)
    const read = readAnswer(item, one)
    if (!read.fits) throw new UsageError(`${item.id}: ${read.problem}`)
    answers.set(item.id, read.value)
  }
  return answersData(answers)
}

function show({ terminal, paint }: CommandContext, prompt: PromptView): void {
  const { state, outcome, task, id } = prompt
  const settled = outcome === null ? state : `${state}: ${outcome}`
  terminal.out(
    `${paint('heading', `task ${task.number}`)} ${titleOfPrompt(prompt)} ${paint('quiet', `· ${settled} · ${id}`)}\n`,
  )
  writeLines(terminal, describePrompt(prompt))
}

function printAnswered({ terminal, paint, program }: CommandContext, { prompt, task_state, open }: AnsweredPromptView) {
  const { number } = prompt.task
  const tone = task_state in stateTones ? stateTones[task_state as keyof typeof stateTones] : 'plain'
  terminal.out(`${prompt.outcome ?? prompt.state}; task ${number} is ${paint(tone, task_state)}\n`)
  if (open.length === 0) return terminal.out(`Follow it with: ${program} task watch ${number}\n`)
  terminal.out('It still asks:\n')
  writeLines(
    terminal,
    open.map((one) => `  ${one.id}  ${titleOfPrompt(one)}`),
  )
}
