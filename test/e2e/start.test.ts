import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type RunningServer,
  refusalOfStart,
  type ServerDidNotStart,
  spawnServer,
  startServer,
  temporaryFolder,
  testAdminKey,
} from '../support/start-server.ts'
import { until } from '../support/until.ts'

let folder: ReturnType<typeof temporaryFolder>
const servers: RunningServer[] = []
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL')
  folder.remove()
})

async function start(env?: Record<string, string>, path = folder.path): Promise<RunningServer> {
  const server = await startServer(path, env)
  servers.push(server)
  return server
}

const refusedStart = (env?: Record<string, string>, path = folder.path): Promise<ServerDidNotStart> =>
  refusalOfStart(path, env)

test('the first start says where the admin key is, shows the demo agent and a task to paste; the key works', async () => {
  const server = await start({ MANDATE_ADMIN_KEY: '' })
  expect(server.greeting).toContain('demo')
  expect(server.greeting).toMatch(/ {2}.+ \S*bin\/mandate\.mjs run "write hello world/u)
  const path = join(folder.path, 'keys', 'local-admin-key')
  expect(server.greeting).toContain(`in ${relative('.', path)}\n`)
  expect(server.greeting).not.toContain('mdt_')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const headers = { authorization: `Bearer ${readFileSync(path, 'utf8').trim()}` }
  expect((await server.call('GET', '/v1/agents', undefined, headers)).status).toBe(200)
  expect(await server.stop()).toBe(0)

  const again = await start({ MANDATE_ADMIN_KEY: '' })
  expect(again.greeting).not.toContain('mdt_')
  expect(again.greeting).toContain('goes on with the data')
  expect((await again.call('GET', '/v1/agents', undefined, headers)).status).toBe(200)
})

test('a key given by MANDATE_ADMIN_KEY is the administrator’s and is shown nowhere', async () => {
  const server = await start()
  expect(server.greeting).not.toContain(testAdminKey)
  expect((await server.call('POST', '/v1/users', { name: 'Ada' })).status).toBe(201)
  // It is native on paths that other dialects own too, although its beginning says nothing.
  const task = await server.call('POST', '/v1/tasks', { input: 'say hello' }, { prefer: 'wait=20' })
  expect(await task.json()).toMatchObject({ state: 'succeeded', result: 'hello' })
  const metrics = await (await server.call('GET', '/metrics')).text()
  expect(metrics).toContain('mandate_runs_ended_total{outcome="succeeded"} 1')
  expect((await server.call('GET', '/v1/agents')).status).toBe(200)
  const wrong = await server.call('GET', '/v1/tasks', undefined, { authorization: 'Bearer not-the-admin-key' })
  expect(await wrong.json()).toMatchObject({ code: 'UNAUTHORIZED' })
})

test('a second server on the same data is refused in one sentence, and the first goes on', async () => {
  const first = await start()
  const refused = await refusedStart()
  expect(refused.exitCode).toBe(75)
  expect(refused.said.trim().split('\n')).toHaveLength(1)
  expect(refused.said).toContain('in use by another')
  expect((await first.call('GET', '/v1/health')).status).toBe(200)
})

test('a taken port is refused in one sentence', async () => {
  const first = await start()
  const refused = await refusedStart({ MANDATE_PORT: new URL(first.url).port }, join(folder.path, 'other'))
  expect(refused.exitCode).toBe(71)
  expect(refused.said).toMatch(/port \d+ on 127\.0\.0\.1 is taken/u)
})

test('data of a newer version is refused in one sentence and left as it is', async () => {
  const first = await start()
  await first.stop()
  const database = new DatabaseSync(join(folder.path, 'mandate.sqlite'))
  const table = database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%migration%'").get()
  const [last] = database.prepare(`SELECT * FROM ${table?.['name']} ORDER BY 1 DESC LIMIT 1`).all()
  const columns = Object.keys(last ?? {})
  const values = columns.map((column, index) => (index === 0 ? 9_999 : (last?.[column] ?? null)))
  database.prepare(`INSERT INTO ${table?.['name']} VALUES (${columns.map(() => '?').join()})`).run(...values)
  database.close()
  const refused = await refusedStart()
  expect(refused.exitCode).toBe(76)
  expect(refused.said.trim().split('\n')).toHaveLength(1)
})

test('a folder that cannot be written, a bad port and a bad limit are each refused in one sentence', async () => {
  writeFileSync(join(folder.path, 'a-file'), '')
  expect(await refusedStart({}, join(folder.path, 'a-file', 'data'))).toMatchObject({ exitCode: 73 })
  const port = await refusedStart({ MANDATE_PORT: 'many' })
  expect(port).toMatchObject({ exitCode: 64, said: expect.stringContaining('MANDATE_PORT is "many"') })
  const limit = await refusedStart({ MANDATE_RUNS_RUNNING_MAX: '0' })
  expect(limit.said).toContain('whole number from 1')
})

test.each<[string, Record<string, string>, RegExp]>([
  ['a mistyped setting', { MANDATE_PROT: '7071' }, /MANDATE_PROT is set, .* Did you mean MANDATE_PORT\?/u],
  ['a mistyped limit', { MANDATE_FILE_BYTE_MAX: '1' }, /Did you mean MANDATE_FILE_BYTES_MAX\?/u],
  ['a default model that is none', { MANDATE_MODEL: 'demmo' }, /no model "demmo"\. Did you mean "demo"\?/u],
  ['a default provider that is none', { MANDATE_PROVIDER: 'antropic' }, /Did you mean "anthropic"\?/u],
  ['a models file that is not there', { MANDATE_MODELS: '/no/such/file' }, /MANDATE_MODELS names \/no\/such\/file/u],
  ['a models file that is none', { MANDATE_MODELS: '/dev/zero' }, /it is not a file/u],
  ['a secret for tokens that is too short', { MANDATE_JWT_SECRET: 'short' }, /MANDATE_JWT_SECRET must have/u],
  ['keys for tokens at no address', { MANDATE_JWT_JWKS_URL: 'nowhere' }, /MANDATE_JWT_JWKS_URL is "nowhere"/u],
  ['a flag that is neither on nor off', { MANDATE_ALLOW_PRIVATE_NETWORK: 'yes' }, /allowed are 1 and 0/u],
])('%s ends the start with 64 and one sentence, and nothing was made', async (_what, env, said) => {
  const path = join(folder.path, 'data')
  const refused = await refusedStart(env, path)
  expect(refused.said).toMatch(/^Mandate cannot start: [^\n]+\n$/u)
  expect(refused.said).toMatch(said)
  expect(refused.exitCode).toBe(64)
  expect(existsSync(path)).toBe(false)
})

test('a variable that the models file names for a key is no mistyped setting, nor is what Kubernetes adds', async () => {
  const provider = {
    name: 'own',
    kind: 'openai-compatible',
    base_url: 'http://127.0.0.1:9',
    api_key_env: 'MANDATE_OWN',
  }
  const file = join(folder.path, 'models.json')
  writeFileSync(file, JSON.stringify({ providers: [provider] }))
  const links = { MANDATE_SERVICE_HOST: '10.0.0.1', MANDATE_PORT_7070_TCP: 'tcp://10.0.0.1:7070' }
  const server = await start({ MANDATE_MODELS: file, MANDATE_OWN: 'key', ...links })
  expect((await server.call('GET', '/v1/health')).status).toBe(200)
})

test.skipIf(!existsSync('/proc/self'))('a data folder where the system makes none ends the start with 73', async () => {
  expect(await refusedStart({}, '/proc/mandate/data')).toMatchObject({ exitCode: 73 })
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s during a start ends it', async (signal) => {
  const { process: child, started } = spawnServer(folder.path, { MANDATE_BENCH_SYNC_DELAY_MS: '1000' })
  const exited = once(child, 'exit')
  const outcome = started.catch((error: unknown) => error)
  await until('the start to have begun', () => existsSync(join(folder.path, 'keys', 'pepper')))
  child.kill(signal)
  expect(await exited).toEqual([0, null])
  // It never came so far as to listen.
  expect(await outcome).toMatchObject({ exitCode: 0, said: '' })
})

test('options of serve go before the environment', async () => {
  const data = join(folder.path, 'given')
  const argv = ['serve', '--port', '0', '--host', '127.0.0.2', '--data', data]
  const { started } = spawnServer(join(folder.path, 'other'), { MANDATE_PORT: '1' }, { argv })
  const server = await started
  servers.push(server)
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/u)
  expect(existsSync(join(data, 'mandate.sqlite'))).toBe(true)
  expect(existsSync(join(folder.path, 'other'))).toBe(false)
})

test('at level debug each request is a line of the log, without what may hold a key; else none is', async () => {
  const secret = 'mdt_not-for-the-log'
  for (const [level, lines] of [
    ['debug', 2],
    ['info', 0],
  ] as const) {
    const server = await start({ MANDATE_LOG_LEVEL: level }, join(folder.path, level))
    const id = '019a0000-0000-7000-8000-000000000001'
    await server.call('GET', `/v1/tasks/${id}/events?token=${secret}`, undefined, { 'x-api-key': secret })
    await server.call('GET', `/nowhere/${secret}`)
    await server.stop()
    const log = server
      .said()
      .split('\n')
      .filter((line) => line.includes('"request answered"'))
    expect(log).toHaveLength(lines)
    expect(server.said()).not.toContain(secret)
    if (level === 'debug') {
      expect(JSON.parse(log[0] ?? '')).toMatchObject({
        level: 20,
        method: 'GET',
        route: '/v1/tasks/:id/events',
        subject: id,
        dialect: 'native',
        status: 422,
        ms: expect.any(Number),
        user: expect.any(String),
      })
      expect(JSON.parse(log[1] ?? '')).toMatchObject({ route: '/*', status: 404 })
    }
  }
})

test('key files that others could read are made private', async () => {
  const first = await start()
  await first.stop()
  const keys = join(folder.path, 'keys')
  chmodSync(keys, 0o755)
  for (const name of ['pepper', 'signing-keys.json']) chmodSync(join(keys, name), 0o644)
  await start()
  expect(statSync(keys).mode & 0o777).toBe(0o700)
  for (const name of ['pepper', 'signing-keys.json']) expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600)
})

test('a folder that others may look into is made private where the server makes it', async () => {
  const path = join(folder.path, 'new')
  await start({}, path)
  expect(statSync(path).mode & 0o077).toBe(0)
  mkdirSync(join(folder.path, 'old'))
  chmodSync(join(folder.path, 'old'), 0o755)
  await start({}, join(folder.path, 'old'))
})
