import { sse } from '../../support/raw-model-stub.ts'

/** A run that is made to hold up the server: what its provider says, step by step, and what its task holds. */
export interface HostileRun {
  readonly name: string
  readonly task?: () => object
  readonly agent?: object
  readonly policy?: { readonly document: object; readonly cedar: string }
  /** Bodies of the provider's answers; after the last it says that it is done. */
  readonly answers: readonly (() => string)[]
}

const mebibyte = 1024 * 1024
const repeat = (text: string, chars: number) => text.repeat(Math.ceil(chars / text.length)).slice(0, chars)
const delta = (fields: object, rest: object = {}) => ({ choices: [{ delta: fields, ...rest }] })
const call = (index: number, name: string, args: string) => ({
  index,
  id: `c${index}`,
  type: 'function',
  function: { name, arguments: args },
})
/** The end of an answer that cost next to nothing, whatever was in it. */
const end = (finish_reason: string) => ({
  ...delta({}, { finish_reason }),
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
})
export const done = sse(delta({ content: 'done' }), end('stop'), '[DONE]')

/** One response that asks for these calls. */
function asks(...calls: readonly (readonly [name: string, args: object])[]): string {
  const frames = calls.map(([name, args], index) => delta({ tool_calls: [call(index, name, JSON.stringify(args))] }))
  return sse(...frames, end('tool_calls'), '[DONE]')
}

/** One response that asks for so many calls; most of them are refused. */
export const manyCalls = (count: number) => () =>
  asks(...Array.from({ length: count }, (_, at) => ['read_file', { path: `${at}` }] as const))

/** What a provider may send in its stream. */
const streams: readonly HostileRun[] = Object.entries({
  'thousands of calls in one event': () =>
    sse(delta({ tool_calls: Array.from({ length: 50_000 }, (_, at) => call(at, 'read_file', '{}')) })),
  'thousands of calls': () =>
    sse(...Array.from({ length: 20_000 }, (_, at) => delta({ tool_calls: [call(at, 'read_file', '{}')] }))),
  'choices without an end': () => sse({ choices: Array.from({ length: 300_000 }, () => ({})) }),
  brackets: () => `data: ${'['.repeat(4_900_000)}\n\n`,
  'empty lists': () => `data: {"choices":[{"delta":{"x":[${'[],'.repeat(1_600_000)}1]}}]}\n\n`,
  'empty lists over many lines': () => `data: {"choices":[{"delta":{"x":[${'[],\ndata: '.repeat(400_000)}1]}}]}\n\n`,
  'a long text': () => sse(delta({ content: 'a'.repeat(4_000_000) }), end('stop'), '[DONE]'),
  'a long text in one-letter deltas': () => sse(delta({ content: 'a' })).repeat(100_000),
  'empty lines': () => '\n'.repeat(30_000_000),
  'empty data': () => 'data:\n'.repeat(5_000_000),
  'arguments letter by letter': () =>
    sse(delta({ tool_calls: [call(0, 'read_file', '{"path":"')] })) +
    sse(delta({ tool_calls: [{ index: 0, function: { arguments: 'x' } }] })).repeat(30_000),
}).map(([name, body]) => ({ name: `a stream of ${name}`, answers: [body] }))

const texts: Readonly<Record<string, (chars: number) => string>> = {
  words: (chars) => repeat('word ', chars),
  tokens: (chars) => repeat('glpat-', chars),
  numbers: (chars) => repeat('123-45-6789 ', chars),
  'base64 in base64': (chars) => {
    let text = repeat('SSN 123-45-6789 joe@example.com ', chars * 0.4)
    for (let level = 0; level < 3; level += 1) text = Buffer.from(text).toString('base64')
    return text.slice(0, chars)
  },
  'invisible characters': (chars) => repeat('1\u200b', chars),
  underscores: (chars) => repeat('_', chars),
  'one name again and again': (chars) => `{${repeat('"123-45-6789":1,', chars)}"a":1}`,
}
const hipaa = { policy: 'hipaa', capabilities: ['filesystem:read', 'filesystem:write'] }

/** Arguments and results that are slow to be looked at: below the length at which a worker does that, and far above. */
const scanned: readonly HostileRun[] = Object.entries(texts).flatMap(([name, make]) =>
  [15_000, mebibyte].flatMap((chars): HostileRun[] => [
    {
      name: `arguments of ${chars} ${name}`,
      task: () => hipaa,
      answers: [() => asks(['write_file', { path: 'a', content: make(chars) }])],
    },
    {
      name: `a result of ${chars} ${name}`,
      task: () => ({ ...hipaa, files: [{ path: 'a', content: make(chars) }] }),
      answers: [() => asks(['read_file', { path: 'a' }])],
    },
  ]),
)

const manyLists = `[${'[],'.repeat(20_000)}1]`
const shapes: readonly HostileRun[] = [
  {
    name: 'arguments of thousands of lists',
    answers: [
      () => sse(delta({ tool_calls: [call(0, 'write_file', `{"path":${manyLists}}`)] }), end('tool_calls'), '[DONE]'),
    ],
  },
  {
    name: 'arguments of thousands of lists in pieces',
    answers: [
      () =>
        sse(
          delta({ tool_calls: [call(0, 'write_file', '{"path":[')] }),
          ...Array.from({ length: 40 }, () =>
            delta({ tool_calls: [{ index: 0, function: { arguments: '[],'.repeat(20_000) } }] }),
          ),
          delta({ tool_calls: [{ index: 0, function: { arguments: '1]}' } }] }),
          end('tool_calls'),
          '[DONE]',
        ),
    ],
  },
  {
    name: 'arguments as deep as may be',
    answers: [() => asks(['write_file', { path: 'a', content: JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) }])],
  },
  {
    name: 'hundreds of calls',
    answers: Array.from({ length: 3 }, () => manyCalls(900)),
  },
  {
    name: 'a result of ten megabytes',
    task: () => ({ files: [{ path: 'a', content: 'é '.repeat(3 * mebibyte) }] }),
    answers: [() => asks(['read_file', { path: 'a' }])],
  },
  {
    name: 'a thousand files',
    task: () => ({ files: Array.from({ length: 1_000 }, (_, at) => ({ path: `f/${at}`, content: 'x' })) }),
    answers: [() => asks(['list_files', {}])],
  },
]

const longPath = { path: repeat('a/', 500) }
const globs: readonly HostileRun[] = [
  '*a*a*a*a*a*a*a*a*a*a*b',
  '**/a/**/a/**/a/**/a/**/b',
  `${'[a-z]*'.repeat(60)}b`,
  '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}',
].map((path) => ({
  name: `the path rule ${path.slice(0, 20)}`,
  agent: { path_labels: [{ path, labels: ['a'] }] },
  answers: [() => asks(['read_file', longPath], ['read_file', { path: repeat('a', 500) }])],
}))

const permit = 'permit (principal, action, resource);'
const content = (blocked_keywords: readonly string[]) => ({
  personal_data: 'redact',
  secrets: 'redact',
  blocked_keywords,
})
const policies: readonly HostileRun[] = [
  {
    name: 'keywords of underscores',
    policy: { document: { content: content([`${'_ '.repeat(90)}x`]) }, cedar: permit },
  },
  {
    name: 'a thousand keywords',
    policy: {
      document: { content: content(Array.from({ length: 900 }, (_, at) => `${'a '.repeat(90)}${at}`)) },
      cedar: permit,
    },
  },
  {
    name: 'hundreds of patterns',
    policy: {
      document: {},
      cedar: [
        permit,
        ...Array.from(
          { length: 900 },
          (_, at) =>
            `@id("r${at}") forbid (principal, action, resource) when { context.arguments like "*${'a*'.repeat(50)}b${at}" };`,
        ),
      ].join('\n'),
    },
  },
].flatMap(({ name, policy }) =>
  [1_000, mebibyte].map((chars) => ({
    name: `${name} on ${chars} characters`,
    policy,
    answers: [() => asks(['write_file', { path: 'a', content: repeat('_ a', chars) }])],
  })),
)

export const hostileRuns: readonly HostileRun[] = [...streams, ...scanned, ...shapes, ...globs, ...policies]
