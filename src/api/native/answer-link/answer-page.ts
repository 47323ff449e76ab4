import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import type { Prompt, QuestionItem } from '../../../domain/prompt.ts'
import type { Task } from '../../../domain/task.ts'
import { instantOf } from '../../edge/instants.ts'
import { visibleHtml } from './visible-text.ts'

const style = [
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}',
  'pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid;padding:.75rem}',
  'label{display:block}fieldset{margin:1rem 0}textarea{width:100%;box-sizing:border-box}',
  'button{font:inherit;padding:.4rem 1rem;margin:1rem .5rem 0 0}',
].join('')

/** The headers of every page: nothing of it is kept, sent on, framed or executed. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
} as const

/** The pages of a link that asks nothing (any more), with their status. */
export const plainPages = {
  unknown: {
    status: 404,
    page: plainPage('This link opens nothing', 'It may be incomplete, or never have been made.'),
  },
  settled: { status: 410, page: plainPage('This is settled', 'It was answered, has expired or is no longer asked.') },
  expired: { status: 410, page: plainPage('This link has expired', 'Answer with a key, or have another link sent.') },
  busy: { status: 409, page: plainPage('The task is busy', 'Nothing was answered. Open the link again in a moment.') },
  answered: { status: 200, page: plainPage('Your answer is recorded', 'You can close this page.') },
} as const

/** What a page asks: the prompt, its task, and its payload, which is undefined once it is purged. */
export interface AskedOnPage {
  readonly prompt: Prompt
  readonly task: Task
  readonly payload: JsonObject | undefined
}

/** The questions of a payload, in the order of its fields on the page. */
export function questionsOf(payload: JsonObject | undefined): readonly QuestionItem[] {
  return (payload?.['questions'] ?? []) as unknown as readonly QuestionItem[] // The runner wrote it.
}

/** Shows what is asked, exactly, and the form that answers it. `problem` says what was wrong with the last try. */
export function answerPage({ prompt, task, payload }: AskedOnPage, problem?: string): string {
  const facts = [
    ['Task', `${task.number}: ${task.title}`],
    ['Tool', prompt.tool],
    ['Because of', prompt.categories.join(', ')],
    ['Open until', prompt.expiresAt === null ? null : instantOf(prompt.expiresAt)],
  ] as const
  const rows = facts.flatMap(([name, value]) => (value ? [`<p>${name}: ${visibleHtml(value)}</p>`] : []))
  const wrong = problem === undefined ? '' : `<p role="alert"><strong>${visibleHtml(problem)}</strong></p>`
  const body = payload === undefined ? '<p>What was asked is deleted.</p>' : formOf(prompt, payload)
  return document(titles[prompt.kind], `${wrong}${rows.join('')}${body}`)
}

const titles: Readonly<Record<Prompt['kind'], string>> = {
  question: 'An agent asks',
  approval: 'An action needs your approval',
  plan: 'A plan needs your approval',
  budget: 'A task needs more budget',
}

function formOf(prompt: Prompt, payload: JsonObject): string {
  const version = `<input type="hidden" name="version" value="${prompt.version}">`
  if (prompt.kind === 'question') {
    const fields = questionsOf(payload).map(fieldOf).join('')
    const buttons = `${button('answered', 'Answer')}${button('declined', 'Do not answer', ' formnovalidate')}`
    return `<form method="post">${version}${fields}${reason('Note to the agent (optional)')}${buttons}</form>`
  }
  const { schema: _schema, arguments: given, ...reasons } = payload
  // The text of the arguments is what the approval is bound to, and is shown as it is.
  const exact = given === undefined ? '' : `<h2>Arguments</h2>${exactly(given)}<h2>Details</h2>`
  const buttons = `${button('approved', 'Approve')}${button('denied', 'Deny')}`
  return `${exact}${exactly(reasons)}<form method="post">${version}${reason('Reason (optional)')}${buttons}</form>`
}

/** What is asked: a text as it is, anything else as JSON. Text of a right-to-left script is not turned around either. */
function exactly(value: JsonValue): string {
  return `<pre><bdo dir="ltr">${visibleHtml(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}</bdo></pre>`
}

function fieldOf({ question, options, multiple }: QuestionItem, index: number): string {
  const name = `a${index}`
  const type = multiple ? 'checkbox' : 'radio'
  const required = multiple ? '' : ' required'
  const choices = options.map(
    (option, at) =>
      `<label><input type="${type}" name="${name}" value="${at}"${required}> <bdi>${visibleHtml(option)}</bdi></label>`,
  )
  const legend = `<legend><bdi>${visibleHtml(question)}</bdi></legend>`
  const text = `<textarea name="${name}" rows="3" required></textarea>`
  return `<fieldset>${legend}${options.length === 0 ? text : choices.join('')}</fieldset>`
}

function reason(label: string): string {
  return `<label>${label}<textarea name="message" rows="2"></textarea></label>`
}

function button(outcome: string, label: string, more = ''): string {
  return `<button name="outcome" value="${outcome}"${more}>${label}</button>`
}

function plainPage(title: string, text: string): string {
  return document(title, `<p>${text}</p>`)
}

function document(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">`
  return `<!doctype html><html lang="en"><head>${head}<title>${title}</title><style>${style}</style></head><body><main><h1>${title}</h1>${body}</main></body></html>\n`
}
