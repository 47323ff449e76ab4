import type { RunningServer } from '../contenders/contender.ts'
import { closedLoop, times, withConnection, withConnections } from '../load/clients.ts'
import type { HttpConnection, HttpResponse } from '../load/http-connection.ts'
import { awaitEnd, submitBytes, taskIdOf } from '../load/requests.ts'
import { percentile } from '../statistics.ts'
import type { Measure } from './measure.ts'

const clients = 64

/** From the first byte of a submit to the last byte of its 202, as the client sees it. */
export const submitAck: Measure = {
  name: 'submit-ack',
  contenders: ['control', 'bullmq', 'mandate'],
  metrics: [
    { key: 'ack.alone.p50', label: 'Submit acknowledged, one client, server idle: p50', unit: 'ms', digits: 2 },
    { key: 'ack.alone.p99', label: 'the same: p99', unit: 'ms', digits: 2 },
    { key: 'ack.row.p50', label: 'Submit acknowledged, one client, one after another: p50', unit: 'ms', digits: 2 },
    { key: 'ack.row.p99', label: 'the same: p99', unit: 'ms', digits: 2 },
    { key: 'ack.many.p50', label: `Submit acknowledged, ${clients} clients: p50`, unit: 'ms', digits: 2 },
    { key: 'ack.many.p99', label: 'the same: p99', unit: 'ms', digits: 2 },
  ],
  async run({ server: started, quick }) {
    const server = await started()
    const alone = await withConnection(server, (connection) => submitAlone(connection, server, quick ? 50 : 500))
    const row = await submitTogether(server, 1, quick ? 50 : 500)
    const many = await submitTogether(server, clients, quick ? 256 : 2560)
    return {
      'ack.alone.p50': percentile(alone, 0.5),
      'ack.alone.p99': percentile(alone, 0.99),
      'ack.row.p50': percentile(row, 0.5),
      'ack.row.p99': percentile(row, 0.99),
      'ack.many.p50': percentile(many, 0.5),
      'ack.many.p99': percentile(many, 0.99),
    }
  },
}

/** Each task has ended before the next is submitted. */
async function submitAlone(connection: HttpConnection, server: RunningServer, count: number): Promise<number[]> {
  const bytes = submitBytes(server, { input: 'say hello' })
  const samples: number[] = []
  for (let i = 0; i < count; i += 1) {
    const from = performance.now()
    const answer = await connection.request(bytes)
    samples.push(performance.now() - from)
    await awaitEnd(connection, server, taskIdOf(answer))
  }
  return samples
}

/** Submits while the tasks before are still carried out; waits for all of them afterwards, outside the measurement. */
async function submitTogether(server: RunningServer, clientCount: number, count: number): Promise<number[]> {
  const bytes = submitBytes(server, { input: 'say hello' })
  const samples: number[] = []
  const answers: HttpResponse[] = []
  await withConnections(server, clientCount, async (connections) => {
    await closedLoop(connections, times(count), async (connection) => {
      const from = performance.now()
      const answer = await connection.request(bytes)
      samples.push(performance.now() - from)
      answers.push(answer)
    })
    const ids = answers.map(taskIdOf)
    await closedLoop(
      connections,
      () => ids.length > 0,
      async (connection) => {
        const id = ids.pop()
        if (id !== undefined) await awaitEnd(connection, server, id)
      },
    )
  })
  return samples
}
