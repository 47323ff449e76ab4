import type { QuestionItem } from '../../domain/prompt.ts'

/** The questions of a prompt's payload, as far as this client knows their form. None for another kind, and once it is purged. */
export function questionsOf(payload: unknown): readonly QuestionItem[] {
  const questions = isRecord(payload) ? payload['questions'] : undefined
  return Array.isArray(questions) ? questions.filter(isRecord).map(itemOf) : []
}

/** What a payload without questions says, by name. The schema of an answer is for programs. */
export function fieldsOf(payload: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (!isRecord(payload)) return []
  return Object.entries(payload).filter(([name, value]) => name !== 'schema' && value !== null)
}

function itemOf(item: Readonly<Record<string, unknown>>): QuestionItem {
  const { id, question, options, multiple, default: chosen } = item
  return {
    id: String(id),
    question: String(question),
    options: Array.isArray(options) ? options.map(String) : [],
    multiple: multiple === true,
    default: typeof chosen === 'string' ? chosen : null,
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
