import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.ts'
import { spawnServer } from './spawn-server.ts'

const program = fileURLToPath(import.meta.resolve('../../bin/mandate.mjs'))
const entry = fileURLToPath(import.meta.resolve('../../src/main/mandate.ts'))
const key = `mdt_${randomBytes(32).toString('base64url')}`

/** This server as it ships: defaults everywhere, fsync before every acknowledgement. */
export const mandate: Contender = {
  name: 'mandate',
  absent: existsSync(entry) ? undefined : 'src/main/mandate.ts is not there',
  async start(folder, extra = {}) {
    const env = { MANDATE_PORT: '0', MANDATE_DATA: join(folder, 'data'), MANDATE_ADMIN_KEY: key, ...extra.env }
    const server = await spawnServer([...(extra.nodeArgs ?? []), program, 'serve'], env)
    return { name: 'mandate', key, pids: [server.pid], ...server }
  },
}
