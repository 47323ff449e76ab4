import type { CliEnvironment } from '../../src/cli/cli-environment.ts'
import type { OfflineCommands } from '../../src/cli/offline-commands.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { createCollectingTerminal } from './collecting-terminal.ts'

/** What a route answers: JSON with 200, or a whole response. A function is asked each time. */
type Answer = object | Response | ((request: ScriptedRequest) => object | Response | Promise<object | Response>)

interface ScriptedRequest {
  readonly method: string
  readonly url: URL
  readonly key: string | undefined
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

interface CliWorldOptions {
  /** By method and path below the API's root: `GET /tasks/1`. */
  readonly routes?: Readonly<Record<string, Answer>>
  readonly env?: Readonly<Record<string, string>>
  readonly isTty?: boolean
  readonly columns?: number
  readonly program?: string
  readonly offline?: Partial<OfflineCommands>
  /** What a person types, line by line, and then Ctrl-D. Without it standard input is no terminal. */
  readonly typed?: readonly (string | Promise<string>)[] | undefined
}

/** The command line in a world without processes: answers by a script, a terminal that collects, a Ctrl-C to press. */
export function createCliWorld(options: CliWorldOptions = {}) {
  const { routes = {}, env = {}, isTty = false, columns, program = 'mandate', offline = {}, typed } = options
  const requests: ScriptedRequest[] = []
  const interrupts = new Set<() => void>()
  const lines = typed && [...typed]
  const readLine: CliEnvironment['readLine'] = lines && ((signal) => lineBeforeAbort(lines.shift(), signal))
  const environment = (terminal: CliEnvironment['terminal']): CliEnvironment => ({
    terminal,
    env,
    program,
    now: () => Date.UTC(2026, 0, 1, 12),
    wait: async (_ms, signal) => signal?.throwIfAborted(),
    readLine,
    onInterrupt(listener) {
      interrupts.add(listener)
      return () => interrupts.delete(listener)
    },
    every: () => () => undefined,
    async fetch(address, init) {
      const url = new URL(address)
      const headers = new Headers(init.headers)
      const request: ScriptedRequest = {
        method: init.method ?? 'GET',
        url,
        key: headers.get('authorization')?.replace('Bearer ', ''),
        body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
        signal: init.signal ?? undefined,
      }
      requests.push(request)
      const found = routes[`${request.method} ${url.pathname.replace('/mandate/v1', '')}`]
      if (found === undefined) throw new TypeError('fetch failed')
      const answer = typeof found === 'function' ? await found(request) : found
      return answer instanceof Response ? answer.clone() : Response.json(answer)
    },
  })
  const unexpected = () => Promise.reject(new Error('This was not expected to be called.'))
  const commands: OfflineCommands = {
    checkSettings: () => undefined,
    serve: unexpected,
    joinServer: async () => undefined,
    startServer: unexpected,
    backup: unexpected,
    restore: unexpected,
    verify: unexpected,
    localKey: () => 'local-key',
    ...offline,
  }
  return {
    requests,
    /** Presses Ctrl-C. */
    interrupt() {
      for (const listener of [...interrupts]) listener()
    },
    /** Whether somebody waits for Ctrl-C. */
    get listening() {
      return interrupts.size > 0
    },
    async run(...argv: string[]) {
      const terminal = createCollectingTerminal({ isTty, ...(columns !== undefined && { columns }) })
      const exitCode = await runCli(argv, commands, environment(terminal))
      return { exitCode, out: terminal.screen(), err: terminal.errors() }
    },
  }
}

function lineBeforeAbort(line: string | Promise<string> | undefined, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    Promise.resolve(line).then(resolve, reject)
  })
}

export function problem(status: number, code: string, more: object = {}): Response {
  return Response.json({ status, code, title: code, detail: `It is ${code}.`, ...more }, { status })
}

/** Events as a stream that ends by itself. */
export function eventStream(events: readonly { readonly seq: number; readonly type: string }[]): Response {
  const frames = events.map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  return new Response(frames.join(''), { headers: { 'content-type': 'text/event-stream' } })
}
