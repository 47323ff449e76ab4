import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type RunningServer,
  ServerDidNotStart,
  startServer,
  temporaryFolder,
  testAdminKey,
} from '../support/start-server.ts'

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

async function refusedStart(env?: Record<string, string>, path?: string): Promise<ServerDidNotStart> {
  return start(env, path).then(
    () => Promise.reject(new Error('it started')),
    (error: unknown) => {
      if (error instanceof ServerDidNotStart) return error
      throw error
    },
  )
}

test('the first start shows an admin key once, the demo agent and a task to paste; the key works', async () => {
  const server = await start({ MANDATE_ADMIN_KEY: '' })
  const key = /mdt_\w+/u.exec(server.greeting)?.[0]
  expect(server.greeting).toContain('demo')
  expect(server.greeting).toContain('npx mandate run')
  const headers = { authorization: `Bearer ${key}` }
  expect((await server.call('GET', '/v1/agents', undefined, headers)).status).toBe(200)
  const path = join(folder.path, 'keys', 'local-admin-key')
  expect(statSync(path).mode & 0o777).toBe(0o600)
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

test('a folder that others may look into is made private where the server makes it', async () => {
  const path = join(folder.path, 'new')
  await start({}, path)
  expect(statSync(path).mode & 0o077).toBe(0)
  mkdirSync(join(folder.path, 'old'))
  chmodSync(join(folder.path, 'old'), 0o755)
  await start({}, join(folder.path, 'old'))
})
