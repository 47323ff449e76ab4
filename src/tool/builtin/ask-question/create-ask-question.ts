import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import type { Question, QuestionItem } from '../../../domain/prompt.ts'
import { type Tool, ToolError } from '../../tool.ts'
import { fileToolLimits } from '../builtin-tool.ts'

const questionsMax = 10
const optionsMax = 20
const itemCharsMax = 4_000
const optionCharsMax = 200
const daySeconds = 86_400

const itemProperties: JsonObject = {
  question: { type: 'string', minLength: 1, maxLength: itemCharsMax, description: 'What the person is asked.' },
  options: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: optionCharsMax },
    uniqueItems: true,
    maxItems: optionsMax,
    description: 'The answers to choose from. Leave it out for an answer in free text.',
  },
  multiple: { type: 'boolean', description: 'Whether several options may be chosen.' },
  default: {
    type: 'string',
    minLength: 1,
    maxLength: optionCharsMax,
    description: 'The answer that counts where nobody answers in time.',
  },
}

/**
 * Creates the tool by which the model asks a person. It is offered only to runs whose task allows questions, and the run
 * waits, without a worker, until somebody answers or the time is over.
 */
export function createAskQuestion(): Tool {
  return {
    ...fileToolLimits,
    name: 'ask_question',
    description:
      'Asks the person who gave the task, and waits for the answer. Ask only what cannot be found out otherwise, and everything at once: `question` for one question, `questions` for several.',
    inputSchema: {
      type: 'object',
      properties: {
        ...itemProperties,
        questions: {
          type: 'array',
          minItems: 1,
          maxItems: questionsMax,
          items: {
            type: 'object',
            properties: {
              id: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$', description: 'Names the answer.' },
              ...itemProperties,
            },
            required: ['question'],
            additionalProperties: false,
          },
        },
        expires_in_seconds: {
          type: 'integer',
          minimum: 1,
          maximum: 365 * daySeconds,
          description: 'How long an answer is waited for. Without it: until somebody answers.',
        },
      },
      additionalProperties: false,
    },
    capabilities: [],
    capabilitiesFor: () => [],
    safeToRepeat: true,
    access: 'read',
    facetsOf: () => ({ host: null, path: null }),
    ask: questionOf,
    perform: async () => {
      throw new ToolError('not_performed', 'A question is answered by a person, and never performed.')
    },
  }
}

/** Reads what is asked. The input fits the schema; what the schema cannot say is mended and not refused. */
function questionOf(input: JsonObject): Question {
  const single = typeof input['question'] === 'string' ? [input] : []
  const several = Array.isArray(input['questions']) ? input['questions'].filter(isObject) : []
  const questions = namedApart([...single, ...several].map(itemOf))
  const seconds = input['expires_in_seconds']
  return {
    questions: questions.length === 0 ? [{ ...itemOf({}), question: 'The agent asks for your decision.' }] : questions,
    expiresInMs: typeof seconds === 'number' ? seconds * 1_000 : null,
    onExpiry: questions.some((item) => item.default !== null) ? 'default' : 'deny',
  }
}

function itemOf(input: JsonObject): QuestionItem {
  const options = Array.isArray(input['options']) ? input['options'].filter(isText) : []
  const wanted = input['default']
  const isPossible = isText(wanted) && (options.length === 0 || options.includes(wanted))
  return {
    id: isText(input['id']) ? input['id'] : 'answer',
    question: isText(input['question']) ? input['question'] : '',
    options,
    multiple: input['multiple'] === true && options.length > 0,
    default: isPossible ? wanted : null,
  }
}

/** Gives items that have the same id ids of their own, so that each has its answer. */
function namedApart(items: readonly QuestionItem[]): QuestionItem[] {
  const taken = new Set<string>()
  return items.map((item) => {
    let id = item.id
    for (let number = 2; taken.has(id); number += 1) id = `${item.id}_${number}`
    taken.add(id)
    return { ...item, id }
  })
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string'
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
