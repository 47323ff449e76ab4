import type { JsonObject } from '../../domain/json.ts'
import type { QuestionItem } from '../../domain/prompt.ts'
import { escapeSteering } from '../format/printable.ts'

/** The answer to one question as the server takes it, or what is wrong with what was typed. */
export type ReadAnswer =
  | { readonly fits: true; readonly value: string | string[] }
  | { readonly fits: false; readonly problem: string }

/**
 * Reads what a person typed as the answer to one question. An option is named by its text, its number, or its text in other
 * letters (upper and lower case) where only one option has it; several are separated by commas.
 */
export function readAnswer(item: QuestionItem, typed: string): ReadAnswer {
  const text = typed.trim()
  if (text === '') return { fits: false, problem: 'The answer is empty.' }
  if (item.options.length === 0) return { fits: true, value: text }
  const words = item.multiple && !item.options.includes(text) ? text.split(',').map((word) => word.trim()) : [text]
  const chosen = words.map((word) => findOption(item.options, word))
  if (!chosen.every((option) => option !== undefined)) return { fits: false, problem: takesOneOf(item) }
  if (item.multiple) return { fits: true, value: [...new Set(chosen)] }
  const [option = ''] = chosen
  return { fits: true, value: option }
}

/** The answers to all questions of a prompt, by their ids: the data that its schema asks for. */
export function answersData(answers: ReadonlyMap<string, string | string[]>): JsonObject {
  return { answers: Object.fromEntries(answers) }
}

function findOption(options: readonly string[], word: string): string | undefined {
  if (options.includes(word)) return word
  if (/^[1-9]\d?$/u.test(word)) return options[Number(word) - 1]
  const alike = options.filter((option) => option.toLowerCase() === word.toLowerCase())
  return alike.length === 1 ? alike[0] : undefined
}

function takesOneOf({ options, multiple }: QuestionItem): string {
  const names = options.map((option, index) => `${index + 1} ${escapeSteering(option)}`).join(', ')
  return `It takes ${multiple ? 'some' : 'one'} of: ${names}.`
}
