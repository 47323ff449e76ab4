import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sse } from '../support/raw-model-stub.ts'

/** A tool call as a hostile model makes it: its arguments as an object, or as the very text that it sends. */
export interface HostileCall {
  readonly tool: string
  readonly args: object | string
  readonly id?: string
}

export interface HostileReply {
  readonly calls?: readonly HostileCall[]
  readonly text?: string
  /** What it claims to have used; left out: little. Null: it claims nothing. */
  readonly usage?: unknown
  /** Instead of an answer. */
  readonly status?: number
}

/** What the model says next; `request` counts from 1, over all steps, tries and turns of its task. */
export type HostileScript = (request: number, told: string) => HostileReply | Promise<HostileReply>

export interface HostileModel {
  readonly url: string
  /** Answers all tasks whose first message names it; the answer is that message. */
  play(script: HostileScript): string
  /** Every request that a script was sent, by its message. */
  toldOf(message: string): readonly string[]
  close(): Promise<void>
}

/** A provider on the loopback that speaks Chat Completions, streamed, and plays one script for each task. */
export async function startHostileModel(): Promise<HostileModel> {
  const scripts = new Map<string, HostileScript>()
  const told = new Map<string, string[]>()
  let count = 0
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () => void answer(Buffer.concat(chunks).toString(), response))
  })
  const answer = async (body: string, response: ServerResponse) => {
    const message = /attack-\d+-of-a-test/u.exec(body)?.[0] ?? ''
    const requests = told.get(message) ?? []
    requests.push(body)
    told.set(message, requests)
    const reply = (await scripts.get(message)?.(requests.length, body)) ?? { text: 'no script' }
    if (response.destroyed) return
    if (reply.status !== undefined) {
      response.writeHead(reply.status, { 'content-type': 'application/json' })
      response.end('{"error":{"message":"refused"}}')
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(framesOf(reply, requests.length))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play(script) {
      count += 1
      const message = `attack-${count}-of-a-test`
      scripts.set(message, script)
      return message
    },
    toldOf: (message) => told.get(message) ?? [],
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

const littleUsage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

function framesOf({ calls = [], text = '', usage = littleUsage }: HostileReply, request: number): string {
  const frame = (delta: object, finish: string | null = null) => ({
    id: `answer-${request}`,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const frames: object[] = text === '' ? [] : [frame({ content: text })]
  for (const [index, { tool, args, id }] of calls.entries()) {
    const given = typeof args === 'string' ? args : JSON.stringify(args)
    const called = { index, id: id ?? `call-${request}-${index}`, type: 'function' }
    frames.push(frame({ tool_calls: [{ ...called, function: { name: tool, arguments: given } }] }))
  }
  frames.push(frame({}, calls.length > 0 ? 'tool_calls' : 'stop'))
  if (usage !== null) frames.push({ id: `answer-${request}`, choices: [], usage })
  return sse(...frames, '[DONE]')
}

/** Makes these calls in one step, then ends. */
export function callsOnce(...calls: readonly HostileCall[]): HostileScript {
  return (request) => (request === 1 ? { calls } : { text: 'done' })
}

/** Each in a step of its own, then ends. */
export function callsInTurn(...calls: readonly HostileCall[]): HostileScript {
  return (request) => {
    const call = calls[request - 1]
    return call === undefined ? { text: 'done' } : { calls: [call] }
  }
}
