import type { Contender } from '../contenders/contender.ts'
import { withConnection } from '../load/clients.ts'
import { submitBytes, taskIdOf } from '../load/requests.ts'
import type { Measure } from './measure.ts'

/** From the start of the server's process to its first acknowledged task. BullMQ's Redis is already up. */
export const coldStart: Measure = {
  name: 'cold-start',
  contenders: ['control', 'bullmq', 'mandate'],
  metrics: [
    { key: 'start.new', label: 'Cold start to the first acknowledged task, new data folder', unit: 'ms', digits: 0 },
    { key: 'start.again', label: 'Cold start to the first acknowledged task, same data folder', unit: 'ms', digits: 0 },
  ],
  async run({ contender, folder }) {
    return { 'start.new': await startOnce(contender, folder), 'start.again': await startOnce(contender, folder) }
  },
}

async function startOnce(contender: Contender, folder: string): Promise<number> {
  const server = await contender.start(folder)
  try {
    const answer = await withConnection(server, (connection) =>
      connection.request(submitBytes(server, { input: 'say hello' })),
    )
    const acknowledgedAt = performance.now()
    taskIdOf(answer)
    return acknowledgedAt - server.spawnedAt
  } finally {
    await server.stop()
  }
}
