import type { DemoPrompt, ToolInstruction } from './parse-instructions.ts'

/** The outcome of a tool call. */
export interface ActionReport {
  readonly failed: boolean
  readonly output: string
}

/** The answer of a person: each part under its id, and the message that came with it. */
export interface GivenAnswers {
  readonly answers: readonly { readonly id: string; readonly text: string }[]
  readonly message: string | null
}

type PerformedInstruction = Exclude<ToolInstruction, { kind: 'ask' }>

/** The characters of a result that are shown, from its beginning. */
const shownCharsMax = 4_000

/** The outcome of an instruction in plain words, computed from the real results of its tool calls. */
export function reportActions(instruction: ToolInstruction, reports: readonly ActionReport[]): string {
  const lost: ActionReport = { failed: true, output: 'no result was recorded' }
  if (instruction.kind !== 'ask') return reportAction(instruction, reports[0] ?? lost)
  return instruction.prompts.map((prompt, index) => reportPrompt(prompt, reports[index] ?? lost)).join('\n')
}

function reportAction(instruction: PerformedInstruction, { failed, output }: ActionReport): string {
  if (failed) return `${doing(instruction)} did not work: ${shown(output)}`
  switch (instruction.kind) {
    case 'list':
      return output.trim() === '' ? 'There are no files.' : `The files:\n${shown(output)}`
    case 'read':
      return output.trim() === '' ? `${instruction.path} is empty.` : `${instruction.path} holds:\n${shown(output)}`
    case 'write':
      return `Wrote ${amount(countWords(instruction.text), 'word')} to ${instruction.path}.`
    case 'count':
      return `${instruction.path} has ${amount(countWords(output), 'word')}.`
    case 'fetch':
      return output.trim() === '' ? `${instruction.url} is empty.` : `${instruction.url} holds:\n${shown(output)}`
  }
}

/** A line for each question with its answer, and one for what the person said with them. */
function reportPrompt({ questions }: DemoPrompt, report: ActionReport): string {
  const given = readAnswers(report)
  const asked = questions.map(({ question }) => `"${question}"`).join(' and ')
  if (given === undefined) return `Asking ${asked} brought no answer: ${shown(report.output)}`
  const lines = questions.map(({ question }, index) => {
    const id = questions.length === 1 ? 'answer' : `answer_${index + 1}`
    const found = given.answers.find((answer) => answer.id === id)
    return found === undefined ? `"${question}" has no answer.` : `"${question}" was answered: ${shown(found.text)}`
  })
  return [...lines, ...(given.message === null ? [] : [`With it came: ${shown(given.message)}`])].join('\n')
}

/** Reads the answers in the result of `ask_question`. Answers undefined where nobody answered. */
export function readAnswers({ failed, output }: ActionReport): GivenAnswers | undefined {
  if (failed) return undefined
  const result = parseObject(output)
  const answers = result?.['answers']
  if (typeof answers !== 'object' || answers === null) return undefined
  const message = result?.['message']
  return {
    answers: Object.entries(answers).map(([id, value]) => ({
      id,
      text: Array.isArray(value) ? value.join(', ') : String(value),
    })),
    message: typeof message === 'string' ? message : null,
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined // The guard withheld the result, so that it is a sentence.
  }
}

/** The sentence for an instruction whose tool the agent was not given. */
export function reportMissingTool(instruction: ToolInstruction, tool: string): string {
  if (instruction.kind === 'ask') return 'Asking was not possible: this task does not allow the agent to ask.'
  return `${doing(instruction)} was not possible: this agent was not given the tool ${tool}.`
}

function doing(instruction: PerformedInstruction): string {
  switch (instruction.kind) {
    case 'list':
      return 'Listing the files'
    case 'read':
      return `Reading ${instruction.path}`
    case 'write':
      return `Writing ${instruction.path}`
    case 'count':
      return `Counting the words in ${instruction.path}`
    case 'fetch':
      return `Fetching ${instruction.url}`
  }
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0
}

function amount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function shown(output: string): string {
  return output.length > shownCharsMax ? `${output.slice(0, shownCharsMax)}\n(cut here)` : output
}
