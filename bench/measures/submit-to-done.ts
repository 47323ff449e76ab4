import { withConnection } from '../load/clients.ts'
import { mustHaveSucceeded, submitBytes } from '../load/requests.ts'
import { percentile } from '../statistics.ts'
import type { Measure } from './measure.ts'

/** From a submit to the answer that shows its task ended, one after another (`Prefer: wait`). */
export const submitToDone: Measure = {
  name: 'submit-to-done',
  contenders: ['control', 'bullmq', 'mandate'],
  metrics: [
    { key: 'done.p50', label: 'Submit to done, one client: p50', unit: 'ms', digits: 2 },
    { key: 'done.p99', label: 'the same: p99', unit: 'ms', digits: 2 },
  ],
  async run({ server: started, quick }) {
    const server = await started()
    const bytes = submitBytes(server, { input: 'say hello' }, 'Prefer: wait=30')
    const samples = await withConnection(server, async (connection) => {
      const taken: number[] = []
      for (let i = 0; i < (quick ? 50 : 500); i += 1) {
        const from = performance.now()
        mustHaveSucceeded(await connection.request(bytes))
        taken.push(performance.now() - from)
      }
      return taken
    })
    return { 'done.p50': percentile(samples, 0.5), 'done.p99': percentile(samples, 0.99) }
  },
}
