import { globSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'
import { until } from '../support/until.ts'

const folder = temporaryFolder()
const servers: RunningServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL')
  folder.remove()
})

async function start(data: string): Promise<RunningServer> {
  const server = await startServer(data)
  servers.push(server)
  return server
}

test.skipIf(process.platform === 'win32')(
  'a live server whose database is removed takes nothing more, says so, and has lost nothing that it acknowledged before',
  async () => {
    const data = join(folder.path, 'data')
    const server = await start(data)
    const submit = () => server.call('POST', '/v1/tasks', { input: 'say hello' })
    const before = await Promise.all(Array.from({ length: 10 }, submit))
    expect(before.map(({ status }) => status)).toEqual(before.map(() => 202))
    const ids = await Promise.all(before.map(async (answer) => ((await answer.json()) as { id: string }).id))

    const away = join(folder.path, 'away.sqlite')
    renameSync(join(data, 'mandate.sqlite'), away)
    const refused = await Promise.all(Array.from({ length: 50 }, submit))
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
    const health = await server.call('GET', '/v1/health')
    expect([health.status, await health.json()]).toEqual([
      503,
      expect.objectContaining({ degraded: expect.arrayContaining([expect.stringContaining('removed or replaced')]) }),
    ])
    await until('the log to say so', () => server.said().includes('mandate.sqlite was removed or replaced'))
    const said = server.said()
    expect(said).not.toMatch(/\n {4}at /u)

    renameSync(away, join(data, 'mandate.sqlite'))
    await until('the server to take work again', async () => (await submit()).status === 202)
    await server.stop('SIGKILL')
    const next = await start(data)
    for (const id of ids) expect((await next.call('GET', `/v1/tasks/${id}`)).status).toBe(200)

    for (const name of ['mandate.sqlite', 'mandate.sqlite-wal', 'mandate.sqlite-shm'])
      rmSync(join(data, name), { force: true })
    await until('the loss to be seen', async () => (await next.call('GET', '/readyz')).status === 503)
    expect((await next.call('POST', '/v1/tasks', { input: 'say hello' })).status).toBe(503)
  },
)

/** The files of the blobs of a data folder. */
const blobsOf = (data: string): string[] =>
  globSync('blobs/[0-9a-f][0-9a-f]/*', { cwd: data }).map((path) => join(data, path))

const lost: Readonly<Record<string, (path: string) => void>> = {
  damaged: (path) => writeFileSync(path, 'noise'),
  emptied: (path) => truncateSync(path),
  removed: (path) => rmSync(path),
  'replaced by a folder'(path) {
    rmSync(path)
    mkdirSync(path)
  },
}

test.each(Object.entries(lost))(
  'a file that is %s is a 503, and a run that needs it waits, which health shows, until it is put back',
  async (what, spoil) => {
    const data = join(folder.path, what.replaceAll(' ', '-'))
    const first = await start(data)
    const made = await first.call('POST', '/v1/tasks', { input: 'write one two to a.txt' }, { prefer: 'wait=20' })
    const { id } = (await made.json()) as { id: string }
    await first.stop()
    const kept = new Map(blobsOf(data).map((path) => [path, readFileSync(path)]))
    for (const path of kept.keys()) spoil(path)
    rmSync(join(data, 'workspaces'), { recursive: true })

    const server = await start(data)
    for (const path of ['files', 'files/a.txt']) {
      expect((await server.call('GET', `/v1/tasks/${id}/${path}`)).status, path).toBe(503)
    }
    expect((await server.call('POST', `/v1/tasks/${id}/messages`, { input: 'count the words in a.txt' })).status).toBe(
      202,
    )
    const degraded = async () =>
      ((await (await server.call('GET', '/v1/health')).json()) as { degraded: string[] }).degraded
    await until('health to show it', async () =>
      (await degraded()).some((line) => line.startsWith('Runs wait for files')),
    )
    expect(server.said()).toMatch(/sha256:[0-9a-f]{64}|EISDIR/u)

    for (const [path, bytes] of kept) {
      rmSync(path, { recursive: true, force: true })
      writeFileSync(path, bytes)
    }
    await until('the run to end', async () => {
      const task = (await (await server.call('GET', `/v1/tasks/${id}`)).json()) as { state: string; result: string }
      return task.state === 'succeeded' && task.result.includes('2 words')
    })
    await until('health to be well again', async () => (await degraded()).length === 0)
  },
)
