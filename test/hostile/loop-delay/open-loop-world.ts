import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RawModelStub, startRawModelStub } from '../../support/raw-model-stub.ts'
import { type RunningServer, startServer, temporaryFolder, testAdminKey } from '../../support/start-server.ts'

export interface LoopWorld {
  readonly server: RunningServer
  /** The provider of its only model. */
  readonly model: RawModelStub
  /** Milliseconds for which the loop was held at most since this was asked last. */
  heldMs(): Promise<number>
  /** A request with a body as it is; answers with the status once all of the answer has come, or what came in a while of one that does not end. */
  send(method: string, path: string, body?: string | Uint8Array, headers?: Record<string, string>): Promise<number>
  close(): Promise<void>
}

/** Streams go on for as long as their run does. */
const answerMsMax = 20_000

const preload = new URL('./measure-loop.mjs', import.meta.url)

export interface LoopWorldOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Puts something into the data folder before the server starts. */
  readonly prepare?: (dataFolder: string) => Promise<void>
}

/** The real server as a process of its own, with its event loop watched; who asks and the provider are in this process. */
export async function openLoopWorld({ env = {}, prepare }: LoopWorldOptions = {}): Promise<LoopWorld> {
  const folder = temporaryFolder()
  const model = await startRawModelStub()
  const price = { input_micros_usd_per_million_tokens: 0, output_micros_usd_per_million_tokens: 0 }
  const provider = { name: 'stub', kind: 'openai-compatible', base_url: model.url, default_model: 'm', price }
  const models = join(folder.path, 'models.json')
  writeFileSync(models, JSON.stringify({ providers: [provider], default: { provider: 'stub', model: 'm' } }))
  const data = join(folder.path, 'data')
  await prepare?.(data)
  const portFile = join(folder.path, 'port')
  const server = await startServer(data, {
    MANDATE_MODELS: models,
    NODE_OPTIONS: `--import ${preload.href}`,
    LOOP_DELAY_PORT_FILE: portFile,
    ...env,
  })
  const probe = `http://127.0.0.1:${readFileSync(portFile, 'utf8')}`
  const heldMs = async () => (await (await fetch(probe)).json()) as number
  return {
    server,
    model,
    heldMs,
    async send(method, path, body, headers = {}) {
      const answer = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${testAdminKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(answerMsMax),
      })
      try {
        for await (const _chunk of answer.body ?? []);
      } catch (error) {
        if (!(error instanceof DOMException)) throw error // it was read for long enough
      }
      return answer.status
    },
    async close() {
      await server.stop('SIGKILL')
      await model.close()
      folder.remove()
    },
  }
}

/**
 * Milliseconds for which one piece of work may hold the event loop: requests, streams and signals wait for as long. It is the
 * processor's time, on a machine of `machineMs`; a slower one may take longer in proportion.
 */
export const loopHeldMsMax = 100
const machineMs = 65

/** Milliseconds of the limit on this machine. */
export function loopLimitMs(): number {
  return loopHeldMsMax * Math.max(1, measureMachine() / machineMs)
}

function measureMachine(): number {
  const text = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ index, text: `${index}` })))
  const once = () => {
    const begun = usedMs()
    for (let times = 0; times < 2; times += 1) JSON.stringify(JSON.parse(text))
    return usedMs() - begun
  }
  return Math.min(...Array.from({ length: 5 }, once))
}

function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/**
 * What the loop was held for at most by this, the least of some tries: what is done once (a module that is loaded) does not count,
 * and what is done each time does.
 */
export async function leastHeldMs(
  world: Pick<LoopWorld, 'heldMs'>,
  limitMs: number,
  work: () => Promise<unknown>,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3 && least > limitMs; tries += 1) {
    await world.heldMs()
    await work()
    least = Math.min(least, await world.heldMs())
  }
  return Math.round(least)
}
