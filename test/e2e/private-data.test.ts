import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'

let folder: ReturnType<typeof temporaryFolder>
const servers: RunningServer[] = []
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop('SIGKILL')
  folder.remove()
})

async function start(path: string): Promise<RunningServer> {
  const server = await startServer(path, { MANDATE_LOG_LEVEL: 'warn' })
  servers.push(server)
  return server
}

/** What others than the owner may do with a data folder and all that stands at its top. */
function openToOthers(data: string): string[] {
  const paths = [data, ...readdirSync(data).map((name) => join(data, name))]
  return paths.filter((path) => (statSync(path).mode & 0o077) !== 0)
}

test('a data folder that was there before is private once the server runs, its database and the files beside it too', async () => {
  const data = join(folder.path, 'data')
  mkdirSync(data)
  chmodSync(data, 0o755)
  const first = await start(data)
  expect(readdirSync(data)).toEqual(
    expect.arrayContaining(['mandate.sqlite', 'mandate.sqlite-wal', 'mandate.sqlite-shm']),
  )
  expect(openToOthers(data)).toEqual([])
  // Killed, so that its files stay: the next start finds them as a careless hand has left them.
  await first.stop('SIGKILL')
  for (const name of readdirSync(data)) chmodSync(join(data, name), statSync(join(data, name)).mode | 0o044)
  chmodSync(data, 0o755)
  await start(data)
  expect(openToOthers(data)).toEqual([])
})

test('what else stands in a data folder stays as it is', async () => {
  const data = join(folder.path, 'data')
  mkdirSync(join(data, 'shared'), { recursive: true })
  chmodSync(join(data, 'shared'), 0o755)
  await start(data)
  expect(statSync(join(data, 'shared')).mode & 0o777).toBe(0o755)
})
