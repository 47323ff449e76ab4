import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerForEver, endlessKinds } from '../support/endless-answers.ts'
import { type RawModelStub, startRawModelStub } from '../support/raw-model-stub.ts'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'

let folder: ReturnType<typeof temporaryFolder>
let stub: RawModelStub
let server: RunningServer | undefined
beforeEach(async () => {
  folder = temporaryFolder()
  stub = await startRawModelStub()
})
afterEach(async () => {
  await server?.stop('SIGKILL')
  await stub.close()
  folder.remove()
})

const tokensMax = 1_000

interface FailedCall {
  readonly will_retry: boolean
  readonly estimated: boolean
  readonly usage: { readonly output_tokens: number }
}

/** One provider for each kind of answer, in a process whose memory would be full within seconds. */
async function startSmallServer(): Promise<RunningServer> {
  const price = { input_micros_usd_per_million_tokens: 1, output_micros_usd_per_million_tokens: 1 }
  const providers = endlessKinds.map((kind, index) => {
    stub.answer((response, { path }) => answerForEver(response, endlessKinds[Number(path.split('/')[1])] ?? kind))
    return { name: `p${index}`, kind: 'openai-compatible', base_url: `${stub.url}/${index}`, default_model: 'm', price }
  })
  const models = join(folder.path, 'models.json')
  writeFileSync(models, JSON.stringify({ providers }))
  return await startServer(join(folder.path, 'data'), {
    MANDATE_MODELS: models,
    MANDATE_OUTPUT_TOKENS_PER_STEP_MAX: String(tokensMax),
    NODE_OPTIONS: '--max-old-space-size=80',
  })
}

test('a provider that answers without end, in whatever way, costs its call and not the process', async () => {
  server = await startSmallServer()
  const running = server
  const ended = await Promise.all(
    endlessKinds.map(async (kind, index) => {
      const body = { input: 'go', provider: `p${index}` }
      const task = await running.call('POST', '/v1/tasks', body, { prefer: 'wait=300' })
      const { id, error } = (await task.json()) as { id: string; error: { code: string } | null }
      const page = await running.call('GET', `/v1/tasks/${id}/events`)
      const { events } = (await page.json()) as { events: { type: string; data: FailedCall }[] }
      const failed = events.filter(({ type }) => type === 'model.failed').map(({ data }) => data)
      return { kind, code: error?.code, failed }
    }),
  )
  for (const { kind, code, failed } of ended) {
    expect({ kind, code }).toEqual({ kind, code: 'answer_too_long' })
    // Once, since every further try would cost the same again; an estimate, for all the output that it may have had.
    expect(failed, kind).toMatchObject([{ will_retry: false, estimated: true }])
    expect(failed[0]?.usage.output_tokens, kind).toBeGreaterThanOrEqual(tokensMax)
  }
  expect((await running.call('GET', '/v1/health')).status).toBe(200)
  expect(running.process.exitCode).toBeNull()
}, 300_000)
