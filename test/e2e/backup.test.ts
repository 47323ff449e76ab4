import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, test } from 'vitest'
import { type RunningServer, refusalOfStart, startServer, temporaryFolder } from '../support/start-server.ts'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))
const folder = temporaryFolder()
const servers: RunningServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL')
  folder.remove()
  mkdirSync(folder.path, { recursive: true })
})
afterAll(folder.remove)

async function start(name: string): Promise<RunningServer> {
  const server = await startServer(join(folder.path, name))
  servers.push(server)
  return server
}

function mandate(dataFolder: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const env = {
    PATH: process.env['PATH'],
    MANDATE_DATA: join(folder.path, dataFolder),
    BACKUP_PASSPHRASE: 'correct horse',
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: `${stdout}${stderr}` })
    })
  })
}

test('a backup that would replace the data, or a file without being told to, is refused in one sentence', async () => {
  const server = await start('live')
  const made = await server.call('POST', '/v1/tasks', { input: 'say hello' }, { prefer: 'wait=20' })
  const { id } = (await made.json()) as { id: string }
  const database = join(folder.path, 'live', 'mandate.sqlite')
  const letter = join(folder.path, 'letter.txt')
  writeFileSync(letter, 'a letter')
  for (const args of [[database], [database, '--force'], [letter], ['/nowhere/at/all.tar']]) {
    const refused = await mandate('live', 'backup', ...args)
    expect(refused.said, args.join(' ')).toMatch(/^mandate: [^\n]+\n$/u)
    expect(refused.code, args.join(' ')).toBe(1)
  }
  expect(readFileSync(letter, 'utf8')).toBe('a letter')
  expect((await mandate('live', 'backup', letter, '--force')).code).toBe(0)
  await server.stop('SIGKILL')
  expect(await (await (await start('live')).call('GET', `/v1/tasks/${id}`)).json()).toMatchObject({
    state: 'succeeded',
  })
})

test('a backup without keys starts elsewhere with keys of its own, once', async () => {
  await (await start('whole')).stop()
  const archive = join(folder.path, 'without-keys.tar')
  expect((await mandate('whole', 'backup', archive)).code).toBe(0)
  expect((await mandate('without', 'restore', archive)).code).toBe(0)
  await (await start('without')).stop()
  expect(await (await start('without')).stop()).toBe(0)
  rmSync(join(folder.path, 'without', 'keys'), { recursive: true })
  const refused = await refusalOfStart(join(folder.path, 'without'))
  expect([refused.exitCode, refused.said]).toEqual([73, expect.stringContaining('keys/pepper is missing')])
})

test.each([
  ['noise', 'noise '.repeat(1_000)],
  ['nothing', ''],
])('%s for an archive ends a restore with 1 and one sentence', async (_what, bytes) => {
  const archive = join(folder.path, 'bad.tar')
  writeFileSync(archive, bytes)
  const refused = await mandate('new', 'restore', archive)
  expect(refused.said).toMatch(/^mandate: [^\n]+\n$/u)
  expect(refused.code).toBe(1)
})

test('a server that was restored from a backup, taken while it ran, knows its keys, tasks and files', async () => {
  const first = await start('first')
  const made = await first.call('POST', '/v1/keys', { name: 'before the backup', dialect: 'native' })
  const { key } = (await made.json()) as { key: string }
  const headers = { authorization: `Bearer ${key}` }
  const input = 'write kept for later to kept.txt'
  const before = await first.call('POST', '/v1/tasks', { input }, { ...headers, prefer: 'wait=20' })
  const { id } = (await before.json()) as { id: string }

  const archive = join(folder.path, 'backup.tar')
  const backup = await mandate('first', 'backup', archive, '--passphrase-env', 'BACKUP_PASSPHRASE')
  expect(backup, backup.said).toMatchObject({ code: 0 })
  expect(await first.stop()).toBe(0)
  const restore = await mandate('second', 'restore', archive, '--passphrase-env', 'BACKUP_PASSPHRASE')
  expect(restore, restore.said).toMatchObject({ code: 0 })

  const second = await start('second')
  const task = await second.call('GET', `/v1/tasks/${id}`, undefined, headers)
  expect(await task.json()).toMatchObject({ id, state: 'succeeded', input })
  const file = await second.call('GET', `/v1/tasks/${id}/files/kept.txt`, undefined, headers)
  expect(await file.text()).toBe('kept for later')
  const next = await second.call('POST', '/v1/tasks', { input: 'say hello' }, { ...headers, prefer: 'wait=20' })
  expect(await next.json()).toMatchObject({ state: 'succeeded' })
})
