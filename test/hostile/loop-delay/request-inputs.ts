import { sampleDocument } from '../../support/sample-inputs.ts'
/** One request that is made to hold up the server. */
export interface HostileRequest {
  readonly name: string
  /** Behind the path. */
  readonly query?: string
  readonly body?: () => string
}

const mebibyte = 1024 * 1024
const full = 15 * mebibyte
const repeat = (text: string, bytes: number) => text.repeat(Math.floor(bytes / text.length))
const members = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')

const queries: readonly HostileRequest[] = [
  { name: 'as it is' },
  { name: 'thousands of parameters', query: `?${repeat('a&', 12_000)}` },
  { name: 'one parameter thousands of times', query: `?${repeat('limit=1&', 12_000)}` },
  { name: 'a long parameter', query: `?cursor=${repeat('%25', 12_000)}&limit=200` },
  { name: 'the largest page', query: '?limit=200' },
]

/** As large as a body may be: each is slow for one who parses, checks, compares or walks it. */
const bodies: readonly HostileRequest[] = [
  { name: 'brackets', body: () => '['.repeat(full) },
  { name: 'empty lists', body: () => `[${repeat('[],', full)}[]]` },
  { name: 'a million names', body: () => `{${members(800_000)}}` },
  { name: 'as many names as may be', body: () => `{${members(29_000)}}` },
  { name: 'one name again and again', body: () => `{${repeat('"a":1,', full)}"a":1}` },
  { name: 'one long text', body: () => `{"input":"${'a'.repeat(full)}","task":"${'a'.repeat(1_000)}"}` },
  { name: 'escapes', body: () => `{"input":"${repeat('\\"', full)}"}` },
  { name: 'surrogates', body: () => `{"input":"${repeat('\\ud83d\\ude00', full)}"}` },
  { name: 'white space', body: () => ' '.repeat(full) },
  { name: 'as deep as may be', body: () => `{"metadata":${'{"a":'.repeat(63)}1${'}'.repeat(63)}}` },
  {
    name: 'many deep fields',
    body: () => `{${Array.from({ length: 400 }, (_, at) => `"k${at}":${'['.repeat(60)}${']'.repeat(60)}`).join(',')}}`,
  },
]

const document = (over: object = {}) =>
  JSON.stringify({ ...sampleDocument({ name: 'hostile', title: 'Hostile' }), ...over })
const permit = 'permit (principal, action, resource);'
const keywords = (blocked_keywords: readonly string[]) => ({
  content: { personal_data: 'redact', secrets: 'redact', blocked_keywords },
})
const texts = (cedar: string, over: object = {}) => JSON.stringify({ document: document(over), cedar })
const rules = (count: number, condition: (index: number) => string) =>
  Array.from(
    { length: count },
    (_, index) => `@id("r${index}") forbid (principal, action, resource) when { ${condition(index)} };`,
  )

/** Policies: of each text the longest, the deepest, and the most of what may stand in it. */
export const policies: readonly HostileRequest[] = [
  { name: 'mistakes', body: () => texts('permit(;'.repeat(24_000)) },
  { name: 'parentheses', body: () => texts(`permit (principal, action, resource) when { ${'('.repeat(199_000)}`) },
  {
    name: 'a long condition',
    body: () => texts(`permit (principal, action, resource) when { ${'true || '.repeat(24_000)}true };`),
  },
  { name: 'many rules', body: () => texts([permit, ...rules(999, (at) => `context.tool == "t${at}"`)].join('\n')) },
  {
    name: 'patterns over the arguments',
    body: () => texts([permit, ...rules(900, () => `context.arguments like "*${'a*'.repeat(50)}b"`)].join('\n')),
  },
  {
    name: 'words that do not exist',
    body: () => texts([permit, ...rules(900, (at) => `context.nowhere${at} == 1`)].join('\n')),
  },
  { name: 'a document of brackets', body: () => JSON.stringify({ document: '['.repeat(199_000), cedar: permit }) },
  { name: 'a document of mistakes', body: () => JSON.stringify({ document: `{${members(20_000)}}`, cedar: permit }) },
  { name: 'underscores as keywords', body: () => texts(permit, keywords([`${'_ '.repeat(99)}x`])) },
  {
    name: 'a thousand keywords',
    body: () => texts(permit, keywords(Array.from({ length: 900 }, (_, at) => `${'a '.repeat(90)}${at}`))),
  },
]

/** Agents: what their path rules may be, and texts as long as they may be. */
const agents: readonly HostileRequest[] = [
  ...[
    '*a'.repeat(200),
    '{a,b}'.repeat(18),
    '{0..9999999}',
    '**/'.repeat(200),
    '[a-z]*'.repeat(80),
    '{'.repeat(400),
  ].map((glob) => ({
    name: `the path rule ${glob.slice(0, 12)}`,
    body: () => JSON.stringify({ name: 'hostile', path_labels: [{ path: glob, labels: ['a'] }], pathLabels: [] }),
  })),
  {
    name: 'thousands of capabilities',
    body: () => JSON.stringify({ name: 'hostile', capabilities: Array.from({ length: 20_000 }, (_, at) => `a:${at}`) }),
  },
  { name: 'long instructions', body: () => JSON.stringify({ name: 'hostile', instructions: 'a'.repeat(100_000) }) },
]

const file = (path: string, bytes: number) => ({
  path,
  content: Buffer.alloc(bytes, 97).toString('base64'),
  encoding: 'base64',
})

/** Tasks and messages: metadata, files, and the lists that narrow them. */
const tasks: readonly HostileRequest[] = [
  {
    name: 'a long message',
    body: () => JSON.stringify({ input: 'é'.repeat(900_000), task: 'é'.repeat(900_000), message: 'é'.repeat(900_000) }),
  },
  { name: 'metadata of 64 KiB', body: () => `{"input":"x","message":"x","metadata":{${members(5_000)}}}` },
  { name: 'one large file', body: () => JSON.stringify({ input: 'x', files: [file('a', 10 * mebibyte)] }) },
  {
    name: 'a thousand files',
    body: () => JSON.stringify({ input: 'x', files: Array.from({ length: 1_000 }, (_, at) => file(`f/${at}`, 1_000)) }),
  },
  {
    name: 'thousands of capabilities',
    body: () => JSON.stringify({ input: 'x', capabilities: Array.from({ length: 20_000 }, (_, at) => `a:${at}:*`) }),
  },
]

const lists: readonly HostileRequest[] = [
  {
    name: 'ten thousand ids',
    body: () => JSON.stringify({ eventIds: Array.from({ length: 10_000 }, (_, at) => `${at}`), ids: [] }),
  },
]

/** Kinds of input, by which the table of endpoints says what each is fed with. */
export const requestInputs = { queries, bodies, policies, agents, tasks, lists } as const
export type RequestInput = keyof typeof requestInputs
