import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import { type AnswerOutcome, answerOutcomes, type QuestionItem } from '../../../domain/prompt.ts'
import { Refusal } from '../../../domain/refusal.ts'

/** The fields of a form by their names, each with all of its values. */
export type FormFields = ReadonlyMap<string, readonly string[]>

/** The answer that a form holds. */
export interface FormAnswer {
  readonly outcome: AnswerOutcome
  readonly data: JsonObject | undefined
  readonly message: string | undefined
  readonly version: number | undefined
}

/** Reads the fields of a body: a form, or a JSON object with the same names. What is neither text nor texts is left out. */
export function fieldsOf(body: unknown): FormFields {
  const fields = new Map<string, string[]>()
  const entries =
    body instanceof URLSearchParams ? [...body] : typeof body === 'object' && body !== null ? Object.entries(body) : []
  for (const [name, value] of entries) {
    const values = [value].flat().filter((one): one is string => typeof one === 'string')
    fields.set(name, [...(fields.get(name) ?? []), ...values])
  }
  return fields
}

/** Reads the answer to these questions. Refuses `invalid_input` where no button was pressed. */
export function readAnswerForm(fields: FormFields, questions: readonly QuestionItem[]): FormAnswer {
  const pressed = fields.get('outcome')?.[0]
  const outcome = answerOutcomes.find((known) => known === pressed)
  if (outcome === undefined) {
    const wrong = [{ field: 'outcome', message: 'must be one of the buttons' }]
    throw new Refusal('invalid_input', 'Press one of the buttons.', { fields: wrong })
  }
  const version = fields.get('version')?.[0]
  // Browsers send each line break of a text as two characters.
  const textOf = (name: string) => fields.get(name)?.[0]?.replaceAll('\r\n', '\n')
  const answers = questions.map(({ id, options, multiple }, index): [string, JsonValue] => {
    const name = `a${index}`
    if (options.length === 0) return [id, multiple ? [textOf(name) ?? ''] : (textOf(name) ?? '')]
    const chosen = (fields.get(name) ?? []).map((at) => (/^\d{1,4}$/u.test(at) ? (options[Number(at)] ?? '') : ''))
    return [id, multiple ? chosen : (chosen[0] ?? '')]
  })
  return {
    outcome,
    data: outcome === 'answered' ? { answers: Object.fromEntries(answers) } : undefined,
    message: textOf('message') || undefined,
    version: version === undefined ? undefined : Number(version),
  }
}
