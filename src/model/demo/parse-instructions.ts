/** The instructions of a message, or the part that is none. */
export type ParsedInstructions =
  | { readonly understood: true; readonly instructions: readonly [Instruction, ...Instruction[]] }
  | { readonly understood: false; readonly part: string }

/**
 * Parses a message as instructions joined by `then`. One part that is not understood makes the whole message none, so
 * that a misunderstanding never leaves half of the work done. The work is linear in the text's length.
 */
export function parseInstructions(text: string): ParsedInstructions {
  const [first = '', ...rest] = text.split(/\sthen\s/i).map((part) => part.trim())
  const head = parseInstruction(first)
  if (head === undefined) return { understood: false, part: first }
  const tail: Instruction[] = []
  for (const part of rest) {
    const instruction = parseInstruction(part)
    if (instruction === undefined) return { understood: false, part }
    tail.push(instruction)
  }
  return { understood: true, instructions: [head, ...tail] }
}

/** The text that is parsed as exactly these instructions, where their texts hold no ` then `. */
export function formatInstructions(instructions: readonly Instruction[]): string {
  return instructions.map(formatInstruction).join(' then ')
}

function parseInstruction(part: string): Instruction | undefined {
  if (/^list the files[.!]?$/i.test(part)) return { kind: 'list' }
  const count = after(part, /^count the words in\s/i)
  if (count !== undefined) return { kind: 'count', path: count }
  const said = after(part, /^say\s/i)
  if (said !== undefined) return parseSay(said)
  const path = after(part, /^read\s/i)
  if (path !== undefined) return { kind: 'read', path }
  const written = after(part, /^write\s/i)
  if (written !== undefined) return parseWrite(written)
  const url = after(part, /^fetch\s/i)
  if (url !== undefined) return /\s/.test(url) ? undefined : { kind: 'fetch', url }
  const asked = after(part, /^ask:/i)
  if (asked !== undefined) return parseAsk(asked)
  const wait = /^wait (\d{1,5}(?:\.\d{1,3})?) seconds?[.!]?$/i.exec(part)?.[1]
  if (wait !== undefined) return Number(wait) > secondsMax ? undefined : { kind: 'wait', seconds: Number(wait) }
  const reason = after(part, /^fail\s/i)
  return reason === undefined ? undefined : { kind: 'fail', reason }
}

/** The text after the words at the beginning, if any. */
function after(part: string, words: RegExp): string | undefined {
  const match = words.exec(part)
  const rest = match === null ? '' : part.slice(match[0].length).trim()
  return rest === '' ? undefined : rest
}

function parseSay(said: string): Instruction | undefined {
  const pace = takeEnding(said, /\sslowly$/i)
  const amount = takeEnding(pace.rest, /\sin\s+(\d{1,9}) tokens?$/i)
  const slowly = pace.ending !== null
  if (amount.ending === null) return { kind: 'say', text: pace.rest, tokens: null, slowly }
  const tokens = Number(amount.ending[1])
  return tokens < 1 || tokens > tokensMax ? undefined : { kind: 'say', text: amount.rest, tokens, slowly }
}

/**
 * Removes an ending. Only the end of the text is searched: a pattern that may begin anywhere would take quadratic time
 * in a long text.
 */
function takeEnding(text: string, ending: RegExp): { rest: string; ending: RegExpExecArray | null } {
  const from = Math.max(0, text.length - 80)
  const match = ending.exec(text.slice(from))
  return match === null
    ? { rest: text, ending: null }
    : { rest: text.slice(0, from + match.index).trim(), ending: match }
}

/** Parses a write. The last ` to ` separates, so that the text may hold the word. */
function parseWrite(written: string): Instruction | undefined {
  const last = [...written.matchAll(/\sto\s/gi)].at(-1)
  if (last === undefined) return undefined
  const text = written.slice(0, last.index).trim()
  const path = written.slice(last.index + last[0].length).trim()
  return text === '' || path === '' ? undefined : { kind: 'write', text, path }
}

/** Parses prompts, joined by `and ask:`. Each holds questions, joined by `and:`, and may end with how long it stays open. */
function parseAsk(asked: string): Instruction | undefined {
  const prompts: DemoPrompt[] = []
  for (const text of asked.split(/\sand\s+ask:/i)) {
    const { rest, ending } = takeEnding(text.trim(), /\swithin\s+(\d{1,8}) seconds?[.!]?$/i)
    const seconds = ending === null ? null : Number(ending[1])
    const questions = rest.split(/\sand:/i).map((one) => parseQuestion(one.trim()))
    if (questions.length > questionsMax || seconds === 0 || (seconds ?? 0) > expirySecondsMax) return undefined
    if (!questions.every((question) => question !== undefined)) return undefined
    prompts.push({ questions, seconds })
  }
  return prompts.length > promptsMax ? undefined : { kind: 'ask', prompts }
}

/** Parses a question with its options in brackets at the end. The default is the option that begins with an asterisk. */
function parseQuestion(text: string): DemoQuestion | undefined {
  const open = text.endsWith(']') ? text.lastIndexOf('[') : -1
  const question = open === -1 ? text : text.slice(0, open).trim()
  const listed = open === -1 ? [] : text.slice(open + 1, -1).split('|')
  const marked = listed.map((option) => option.trim())
  const options = marked.map((option) => option.replace(/^\*\s*/, ''))
  const isWrong = question === '' || options.includes('') || new Set(options).size < options.length
  if (isWrong || options.length > optionsMax) return undefined
  return { question, options, default: marked.find((option) => option.startsWith('*'))?.replace(/^\*\s*/, '') ?? null }
}

function formatPrompt({ questions, seconds }: DemoPrompt): string {
  const items = questions.map(({ question, options, default: chosen }) => {
    const listed = options.map((option) => (option === chosen ? `*${option}` : option)).join('|')
    return options.length === 0 ? question : `${question} [${listed}]`
  })
  return `${items.join(' and: ')}${seconds === null ? '' : ` within ${seconds} seconds`}`
}

function formatInstruction(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'say': {
      const amount = instruction.tokens === null ? '' : ` in ${instruction.tokens} tokens`
      return `say ${instruction.text}${amount}${instruction.slowly ? ' slowly' : ''}`
    }
    case 'list':
      return 'list the files'
    case 'read':
      return `read ${instruction.path}`
    case 'write':
      return `write ${instruction.text} to ${instruction.path}`
    case 'count':
      return `count the words in ${instruction.path}`
    case 'fetch':
      return `fetch ${instruction.url}`
    case 'ask':
      return `ask: ${instruction.prompts.map(formatPrompt).join(' and ask: ')}`
    case 'wait':
      return `wait ${instruction.seconds} seconds`
    case 'fail':
      return `fail ${instruction.reason}`
  }
}

/** A question of the demonstration model. Without options it is answered in free text. */
export interface DemoQuestion {
  readonly question: string
  readonly options: readonly string[]
  readonly default: string | null
}

/** Questions that a person answers together, within so many seconds where that is limited. */
export interface DemoPrompt {
  readonly questions: readonly DemoQuestion[]
  readonly seconds: number | null
}

/** The instructions of the demonstration model. docs/demo-model.md is the same list for people. */
export type Instruction =
  | { readonly kind: 'say'; readonly text: string; readonly tokens: number | null; readonly slowly: boolean }
  | { readonly kind: 'list' }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly text: string; readonly path: string }
  | { readonly kind: 'count'; readonly path: string }
  | { readonly kind: 'fetch'; readonly url: string }
  /** One step that asks people: each prompt is a call of its own. */
  | { readonly kind: 'ask'; readonly prompts: readonly DemoPrompt[] }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'fail'; readonly reason: string }

/** An instruction that needs a tool. */
export type ToolInstruction = Extract<Instruction, { kind: 'list' | 'read' | 'write' | 'count' | 'fetch' | 'ask' }>

/** The most tokens that one instruction may ask for. */
export const tokensMax = 100_000
/** The longest wait that one instruction may ask for. */
export const secondsMax = 86_400

/** The most prompts of one instruction, questions of one prompt, and options of one question. */
const promptsMax = 10
const questionsMax = 10
const optionsMax = 20
/** The longest time that a prompt stays open: a year. */
const expirySecondsMax = 365 * 86_400

/** Whether an instruction needs a tool. */
export function needsTool(instruction: Instruction): instruction is ToolInstruction {
  return !['say', 'wait', 'fail'].includes(instruction.kind)
}
