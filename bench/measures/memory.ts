import { closedLoop, times, withConnections } from '../load/clients.ts'
import { mustHaveSucceeded, submitBytes } from '../load/requests.ts'
import { rssMib, totalOf } from '../process-stats.ts'
import type { Measure } from './measure.ts'

const tasks = 10_000

/** Resident memory of a new server before its first task and after ten thousand. Nothing asks for a garbage collection. */
export const memory: Measure = {
  name: 'memory',
  contenders: ['control', 'bullmq', 'mandate'],
  roundsMax: 3,
  metrics: [
    { key: 'memory.start', label: 'Memory (RSS) at the start', unit: 'MiB', digits: 0 },
    { key: 'memory.after', label: `Memory (RSS) after ${tasks} tasks`, unit: 'MiB', digits: 0 },
  ],
  async run({ contender, folder, quick }) {
    const server = await contender.start(folder)
    try {
      const before = totalOf(server.pids, rssMib)
      const bytes = submitBytes(server, { input: 'say hello' }, 'Prefer: wait=30')
      await withConnections(server, 64, (connections) =>
        closedLoop(connections, times(quick ? 500 : tasks), async (connection) => {
          mustHaveSucceeded(await connection.request(bytes))
        }),
      )
      return { 'memory.start': before, 'memory.after': totalOf(server.pids, rssMib) }
    } finally {
      await server.stop()
    }
  },
}
