import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { sse } from './raw-model-stub.ts'

const delta = (fields: object) => sse({ choices: [{ delta: fields }] })
const call = (index: number, fields: object) => delta({ tool_calls: [{ index, ...fields }] })
const newCall = (index: number, text: string) =>
  call(index, { id: `c${index}`, type: 'function', function: { name: 'read_file', arguments: text } })
const long = 'word '.repeat(1_000)

/** What an OpenAI-compatible provider may say for ever: the first bytes of a body, and what follows again and again. */
const bodies = {
  text: { more: () => delta({ content: long }) },
  reasoning: { more: () => delta({ reasoning_content: long }) },
  'tiny deltas': { more: () => delta({ content: 'a' }) },
  'arguments of a tool': {
    first: newCall(0, '{"path":"'),
    more: () => call(0, { function: { arguments: long } }),
  },
  'tool calls': { more: (count: number) => newCall(count, '{}') },
  'deltas without content': { more: () => delta({}) },
  'SSE comments': { more: () => ': still here\n\n' },
  'one line': { first: 'data: ', more: () => long },
  'one event of many lines': { more: () => `data: ${long}\n` },
} satisfies Record<string, Body>

interface Body {
  readonly first?: string
  more(count: number): string
}

export const endlessKinds = [
  ...(Object.keys(bodies) as (keyof typeof bodies)[]),
  'packed text',
  'an error body',
  'headers',
] as const
export type EndlessKind = (typeof endlessKinds)[number]

/** Answers with this until the other end has gone. */
export function answerForEver(response: ServerResponse, kind: EndlessKind): void {
  response.on('error', () => undefined)
  switch (kind) {
    case 'packed text': {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      const gzip = createGzip()
      gzip.pipe(response)
      response.once('close', () => gzip.destroy())
      pump(gzip, () => bodies.text.more())
      break
    }
    case 'an error body':
      response.writeHead(500, { 'content-type': 'application/json' }).write('{"error":{"message":"')
      pump(response, () => long)
      break
    case 'headers': {
      const { socket } = response
      if (socket === null) return
      socket.on('error', () => undefined).write('HTTP/1.1 200 OK\r\n')
      pump(socket, () => `x-more: ${long}\r\n`)
      break
    }
    default: {
      const body: Body = bodies[kind]
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (body.first !== undefined) response.write(body.first)
      pump(response, body.more)
    }
  }
}

/** Writes as fast as the other end reads. */
function pump(to: Writable, more: (count: number) => string): void {
  let count = 0
  const write = () => {
    for (;;) {
      if (to.destroyed) return
      let chunk = ''
      while (chunk.length < 16_384) {
        count += 1
        chunk += more(count)
      }
      if (!to.write(chunk)) return void to.once('drain', write)
    }
  }
  write()
}
