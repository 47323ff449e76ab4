import type { EventView } from '../../api/native/contract/event.ts'
import type { PromptView } from '../../api/native/contract/prompt.ts'
import { ClientError } from '../../client/client-error.ts'
import type { Client } from '../../client/create-client.ts'
import type { QuestionItem } from '../../domain/prompt.ts'
import type { ReadLine } from '../cli-environment.ts'
import { printable } from '../format/printable.ts'
import type { CommandContext } from '../program.ts'
import type { Tone } from '../terminal.ts'
import type { AnswerHint } from './answer-hint.ts'
import { describePrompt, describeQuestion } from './describe-prompt.ts'
import { answersData, readAnswer } from './read-answer.ts'
import { questionsOf } from './read-payload.ts'

/** Asks the person at the terminal what the run waits for, and sends the answers. */
export interface TerminalAsker {
  /** Takes each event of the journal before it is shown: a prompt that is settled elsewhere is not asked any more. */
  take(event: EventView): void
  /** Takes what was shown: when a run waits, the person is asked. */
  afterShown(event: EventView): void
  /** Asks nothing any more, and leaves the line that is being typed. */
  close(): void
}

/** The dependencies of the asker. The view shows nothing of its own while the person types. */
export interface AskerDeps extends Pick<CommandContext, 'client' | 'terminal' | 'paint'> {
  readonly readLine: ReadLine
  readonly pause: () => void
  readonly resume: () => void
  /** How to answer later, for whoever leaves a prompt open. */
  readonly hint: Pick<AnswerHint, 'text'>
  /** Something failed that is no refusal of the server. */
  readonly fail: (error: unknown) => void
}

/** The reason of a line that nobody needs to type any more. */
class Dismissed extends Error {}

/** Creates the asker of one task. Prompts are asked one after the other, in the order in which they were opened. */
export function createTerminalAsker(deps: AskerDeps): TerminalAsker {
  const open = new Set<string>()
  let asking = false
  let current: { readonly prompt: string; readonly abort: AbortController } | undefined
  let closed = false
  let typing = false

  const readLine: ReadLine = async (signal) => {
    typing = true
    try {
      return await deps.readLine(signal)
    } finally {
      typing = false
    }
  }
  const dismiss = (prompt?: string) => {
    if (current === undefined || current.abort.signal.aborted) return
    if (prompt !== undefined && prompt !== current.prompt) return
    if (typing) deps.terminal.out('\n') // It ends the line that is being typed, before anything else is shown.
    current.abort.abort(new Dismissed())
  }
  const askAll = async () => {
    for (;;) {
      const [id] = open
      if (id === undefined || closed) return
      const abort = new AbortController()
      current = { prompt: id, abort }
      await askPrompt({ ...deps, readLine }, id, abort.signal)
      open.delete(id) // One that the person leaves open is not asked again.
    }
  }
  const start = async () => {
    if (asking || closed) return
    asking = true
    try {
      await askAll()
    } catch (error) {
      deps.fail(error)
    } finally {
      asking = false
      current = undefined
    }
  }
  return {
    take(event) {
      if (event.type === 'prompt.opened') open.add(event.data.prompt)
      if (event.type === 'prompt.answered' || event.type === 'prompt.expired' || event.type === 'prompt.withdrawn') {
        open.delete(event.data.prompt)
        dismiss(event.data.prompt)
      }
    },
    afterShown(event) {
      if (event.type === 'run.waiting') void start()
    },
    close() {
      closed = true
      dismiss()
    },
  }
}

/** Asks one prompt until it is settled, or the person leaves it open, or may not answer it. */
async function askPrompt(deps: AskerDeps, id: string, signal: AbortSignal): Promise<void> {
  const { client, paint, terminal, hint } = deps
  const say = (tone: Tone, text: string) => terminal.out(`${paint(tone, text)}\n`)
  deps.pause()
  try {
    const prompt = await client.readPrompt(id)
    if (prompt.state !== 'open' || signal.aborted) return
    if (!prompt.may_answer) return say('warning', 'Somebody else has to answer this.')
    if (prompt.payload === null) return say('warning', describePrompt(prompt).join('\n'))
    for (;;) {
      const send = await typedAnswer(deps, prompt, signal)
      if (send === undefined) return say('quiet', `Left open. ${hint.text()}`)
      const refusal = await refusalOf(() => send(client))
      if (refusal === undefined) return
      say('bad', printable(refusal.detail))
      // What does not fit is asked again; so is what may not have arrived, and a second answer is told how the first one went.
      if (refusal.status !== 422 && !refusal.retryable) return
    }
  } catch (error) {
    if (error instanceof Dismissed) return
    if (!(error instanceof ClientError)) throw error
    say('bad', `${printable(error.detail)} ${hint.text()}`)
  } finally {
    deps.resume()
  }
}

async function refusalOf(send: () => Promise<unknown>): Promise<ClientError | undefined> {
  try {
    await send()
    return undefined
  } catch (error) {
    if (error instanceof ClientError) return error
    throw error
  }
}

type Send = (client: Client) => Promise<unknown>

/** Reads the answer line by line. Undefined at the end of the input (Ctrl-D). */
function typedAnswer(deps: AskerDeps, prompt: PromptView, signal: AbortSignal): Promise<Send | undefined> {
  const items = questionsOf(prompt.payload)
  return prompt.kind === 'question' ? typedAnswers(deps, prompt, items, signal) : typedDecision(deps, prompt, signal)
}

async function typedAnswers(
  deps: AskerDeps,
  { id, version }: PromptView,
  items: readonly QuestionItem[],
  signal: AbortSignal,
): Promise<Send | undefined> {
  const { terminal, paint, readLine } = deps
  const answers = new Map<string, string | string[]>()
  for (const item of items) {
    const [asked = '', ...options] = describeQuestion(item)
    terminal.out(`${[paint('heading', asked), ...options].join('\n')}\n`)
    for (;;) {
      terminal.out('> ')
      const line = await readLine(signal)
      if (line === undefined) return leave(deps)
      const read = readAnswer(item, line.trim() === '' && item.default !== null ? item.default : line)
      if (read.fits) {
        answers.set(item.id, read.value)
        break
      }
      terminal.out(`${paint('warning', `${read.problem} Ctrl-D leaves it open.`)}\n`)
    }
  }
  return (client) => client.answerPrompt(id, { data: answersData(answers), version })
}

/** Only the whole word approves: a letter that was typed ahead does not. */
async function typedDecision(deps: AskerDeps, prompt: PromptView, signal: AbortSignal): Promise<Send | undefined> {
  const { terminal, paint, readLine } = deps
  const { id, version } = prompt
  terminal.out(`${describePrompt(prompt).join('\n')}\n`)
  for (;;) {
    terminal.out(`${paint('heading', 'Approve it? (yes or no)')} `)
    const word = (await readLine(signal))?.trim().toLowerCase()
    if (word === undefined) return leave(deps)
    if (word === 'yes') return (client) => client.approvePrompt(id, { version })
    if (word === 'no') {
      terminal.out('What is the agent to be told? (nothing: Enter) ')
      const message = (await readLine(signal))?.trim()
      return (client) => client.denyPrompt(id, { version, message: message === '' ? undefined : message })
    }
    terminal.out(`${paint('warning', 'Type yes or no. Ctrl-D leaves it open.')}\n`)
  }
}

/** Ends the line that holds the end of the input. */
function leave({ terminal }: AskerDeps): undefined {
  terminal.out('\n')
}
