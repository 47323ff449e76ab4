import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.ts'
import { spawnServer } from './spawn-server.ts'

const program = fileURLToPath(import.meta.resolve('../servers/control.ts'))

/** What an HTTP server costs that keeps nothing: Fastify and a Map. */
export const control: Contender = {
  name: 'control',
  absent: undefined,
  async start(_folder, extra = {}) {
    const key = 'control-key'
    const server = await spawnServer([...(extra.nodeArgs ?? []), program], { BENCH_KEY: key, ...extra.env })
    return { name: 'control', key, pids: [server.pid], ...server }
  },
}
