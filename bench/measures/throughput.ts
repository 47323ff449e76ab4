import { closedLoop, withConnections } from '../load/clients.ts'
import { mustHaveSucceeded, submitBytes } from '../load/requests.ts'
import { cpuMs, totalOf } from '../process-stats.ts'
import type { Measure } from './measure.ts'

const clients = 64

/** One-step tasks carried from submit to end, as many as the server can, and what each cost it. */
export const throughput: Measure = {
  name: 'throughput',
  contenders: ['control', 'bullmq', 'mandate'],
  metrics: [
    { key: 'tasks.rate', label: `Tasks completed, ${clients} clients`, unit: '/s', digits: 0 },
    { key: 'tasks.cpu', label: 'Server CPU per task (all threads, Redis included)', unit: 'ms', digits: 3 },
    { key: 'tasks.busy', label: 'Server core used', unit: '%', digits: 0 },
    { key: 'tasks.load', label: 'Load generator core used', unit: '%', digits: 0 },
  ],
  async run({ server: started, quick }) {
    const server = await started()
    const bytes = submitBytes(server, { input: 'say hello' }, 'Prefer: wait=30')
    return withConnections(server, clients, async (connections) => {
      const until = performance.now() + (quick ? 300 : 3000)
      let done = 0
      const [cpu, own] = [totalOf(server.pids, cpuMs), process.cpuUsage()]
      const { elapsedMs } = await closedLoop(
        connections,
        () => performance.now() < until,
        async (connection) => {
          mustHaveSucceeded(await connection.request(bytes))
          done += 1
        },
      )
      const [usedMs, ownUsed] = [totalOf(server.pids, cpuMs) - cpu, process.cpuUsage(own)]
      return {
        'tasks.rate': (done * 1000) / elapsedMs,
        'tasks.cpu': usedMs / done,
        'tasks.busy': (usedMs / elapsedMs) * 100,
        'tasks.load': ((ownUsed.user + ownUsed.system) / 1000 / elapsedMs) * 100,
      }
    })
  },
}
