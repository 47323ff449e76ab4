import type { JsonObject, JsonValue } from '../../domain/json.ts'
import type { Prompt, QuestionItem } from '../../domain/prompt.ts'
import type { EngineDeps } from '../../engine/engine-deps.ts'
import { readPayload } from '../../engine/prompts/read-payload.ts'

/**
 * Converts what a client answers to the data of a question's answer. Clients name answers by the ids of what is asked, list
 * them in its order, or give the one that there is. What is none of these is left as it is, for the schema of the prompt to
 * refuse.
 */
export async function readAnswers(
  deps: Pick<EngineDeps, 'store'>,
  prompt: Prompt,
  output: JsonValue | undefined,
): Promise<JsonObject> {
  if (prompt.kind !== 'question') return {}
  const payload = await readPayload(deps, prompt)
  // The runner wrote the payload. One that was purged has no questions, and its prompt is refused.
  const questions = (payload?.['questions'] ?? []) as unknown as readonly QuestionItem[]
  const wrapped = isObject(output) && output['answers'] !== undefined ? output['answers'] : output
  return { answers: answersByName(questions, wrapped ?? null) }
}

/** Names the answers by the ids of the questions. */
export function answersByName(questions: readonly QuestionItem[], answers: JsonValue): JsonValue {
  const [only] = questions
  if (only !== undefined && questions.length === 1) return answerOfOne(only, answers)
  if (!Array.isArray(answers) || answers.length > questions.length) return answers
  return Object.fromEntries(
    questions.flatMap((question, at) => {
      const answer = answers[at]
      return answer === undefined ? [] : [[question.id, answerTo(question, answer)]]
    }),
  )
}

function answerOfOne(question: QuestionItem, answers: JsonValue): JsonValue {
  if (isObject(answers)) return answers
  if (!Array.isArray(answers)) return { [question.id]: answerTo(question, answers) }
  const [first] = answers
  const isListOfOne = answers.length === 1 && first !== undefined && (!question.multiple || Array.isArray(first))
  return { [question.id]: isListOfOne ? first : answers }
}

/** An answer to a question that takes several options may be one of them. */
function answerTo({ multiple }: QuestionItem, answer: JsonValue): JsonValue {
  return multiple && typeof answer === 'string' ? [answer] : answer
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
