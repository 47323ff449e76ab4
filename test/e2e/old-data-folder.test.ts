import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ServerDidNotStart, startServer, temporaryFolder } from '../support/start-server.ts'

const oldBackup = fileURLToPath(new URL('../fixtures/mandate-0.1.0/backup.tar.gz', import.meta.url))

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

/** The database of a server of 0.1.0, as a backup of it has it. */
async function readOldDatabase(): Promise<Buffer> {
  for await (const entry of Readable.from([gunzipSync(readFileSync(oldBackup))]).pipe(extract())) {
    if (entry.header.name === 'mandate.sqlite') return await buffer(entry)
    entry.resume()
  }
  throw new Error('The backup holds no database.')
}

test('a data folder of 0.1.0 is refused by name, with what can be done, and its database is left as it is', async () => {
  const before = await readOldDatabase()
  writeFileSync(join(folder.path, 'mandate.sqlite'), before)
  const refused = await startServer(folder.path).then(
    () => Promise.reject(new Error('it started')),
    (error: unknown) => error,
  )
  if (!(refused instanceof ServerDidNotStart)) throw refused
  expect(refused.exitCode).toBe(73)
  expect(refused.said.trim().split('\n')).toHaveLength(1)
  expect(refused.said).toMatch(/made by Mandate 0\.1\.0, .*go on with 0\.1\.0, or set MANDATE_DATA to an empty folder/u)
  expect(readFileSync(join(folder.path, 'mandate.sqlite')).equals(before)).toBe(true)
  expect(readdirSync(folder.path).filter((name) => name.startsWith('mandate.sqlite'))).toEqual(['mandate.sqlite'])
})
