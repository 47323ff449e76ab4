import type { PromptView } from '../../api/native/contract/prompt.ts'
import { purgedPlaceholder } from '../../domain/content.ts'
import type { QuestionItem } from '../../domain/prompt.ts'
import { escapeSteering } from '../format/printable.ts'
import { fieldsOf, questionsOf } from './read-payload.ts'

type Described = Pick<PromptView, 'kind' | 'tool' | 'payload'>

/** The characters of one value that are shown, from its beginning. */
const shownCharsMax = 20_000

/** A prompt on one line: its questions, or its kind with the tool. */
export function titleOfPrompt({ kind, tool, payload }: Described): string {
  const asked = questionsOf(payload).map(({ question }) => question)
  const title = asked.length > 0 ? asked.join(' | ') : `${kind}${tool === null ? '' : ` of ${tool}`}`
  return escapeSteering(title).replace(/\s+/gu, ' ').trim()
}

/**
 * A prompt in full: each question with its options numbered, and of anything else every field of its payload. What
 * could mislead whoever decides by it is escaped.
 */
export function describePrompt(prompt: Described): string[] {
  const questions = questionsOf(prompt.payload)
  if (questions.length === 1) return questions.flatMap(describeQuestion)
  if (questions.length > 1) {
    return questions.flatMap((item) => describeQuestion({ ...item, question: `${item.id}: ${item.question}` }))
  }
  const fields = fieldsOf(prompt.payload)
  if (fields.length === 0) return [`${titleOfPrompt(prompt)} ${purgedPlaceholder}`]
  const width = Math.max(...fields.map(([name]) => name.length))
  return [
    titleOfPrompt(prompt),
    ...fields.map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return `  ${escapeSteering(name).padEnd(width)}  ${indent(whole(text), width + 4)}`
    }),
  ]
}

/** The words that follow the name of a prompt in `mandate answer`. */
export function howToAnswer({ kind, payload }: Pick<PromptView, 'kind' | 'payload'>): string {
  if (kind !== 'question') return '--approve, or --deny'
  const items = questionsOf(payload)
  return items.length > 1 ? items.map(({ id }) => `--answer ${id}=<answer>`).join(' ') : '<answer>'
}

/** One question and its options, numbered from 1. */
export function describeQuestion({ question, options, multiple, default: chosen }: QuestionItem): string[] {
  const several = multiple ? ' (several, separated by commas)' : ''
  const free = options.length === 0 && chosen !== null ? [`  default: ${escapeSteering(chosen)}`] : []
  return [
    `${indent(whole(question), 2)}${several}`,
    ...options.map((option, index) => {
      return `  ${index + 1}  ${indent(escapeSteering(option), 5)}${option === chosen ? ' (default)' : ''}`
    }),
    ...free,
  ]
}

function whole(text: string): string {
  if (text.length <= shownCharsMax) return escapeSteering(text)
  const left = text.length - shownCharsMax
  return `${escapeSteering(text.slice(0, shownCharsMax))}… (${left} characters more: --json shows all)`
}

function indent(text: string, columns: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(columns)}`)
}
