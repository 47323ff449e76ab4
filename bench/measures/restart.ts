import type { RunningServer } from '../contenders/contender.ts'
import { closedLoop, withConnection, withConnections } from '../load/clients.ts'
import { awaitEnd, getBytes, submitBytes, taskIdOf } from '../load/requests.ts'
import type { Measure } from './measure.ts'

const interrupted = 64
const seconds = 2
const startedTimeoutMs = 30_000

/**
 * 64 tasks that each wait two seconds are running when the server is killed. From the start of the next process, by itself,
 * to the end of the last of them. The peers are left out: the control forgets, and BullMQ waits for its locks to time out.
 */
export const restart: Measure = {
  name: 'restart',
  contenders: ['mandate'],
  roundsMax: 3,
  metrics: [
    {
      key: 'restart.done',
      label: `${interrupted} interrupted tasks of ${seconds} s: restart to the last one's end`,
      unit: 'ms',
      digits: 0,
    },
  ],
  async run({ contender, folder }) {
    const first = await contender.start(folder)
    let ids: string[]
    try {
      ids = await submitAll(first)
      await untilAllRun(first, ids)
    } finally {
      await first.kill()
    }
    const second = await contender.start(folder)
    try {
      await withConnections(second, interrupted, (connections) =>
        closedLoop(
          connections,
          () => ids.length > 0,
          async (connection) => {
            const id = ids.pop()
            if (id !== undefined) await awaitEnd(connection, second, id)
          },
        ),
      )
      return { 'restart.done': performance.now() - second.spawnedAt }
    } finally {
      await second.stop()
    }
  },
}

function submitAll(server: RunningServer): Promise<string[]> {
  const bytes = submitBytes(server, { input: `wait ${seconds} seconds` })
  return withConnections(server, interrupted, async (connections) => {
    const answers = await Promise.all(connections.map((connection) => connection.request(bytes)))
    return answers.map(taskIdOf)
  })
}

/** Fails when they do not all run at the same time: then the server's limits are below what is measured here. */
async function untilAllRun(server: RunningServer, ids: readonly string[]): Promise<void> {
  const from = performance.now()
  await withConnection(server, async (connection) => {
    for (const id of ids) {
      for (;;) {
        const { body } = await connection.request(getBytes(server, `/v1/tasks/${id}`))
        if (body.includes('"state":"running"')) break
        if (!body.includes('"state":"queued"') || performance.now() - from > startedTimeoutMs)
          throw new Error(`task ${id} does not run when the server is to be killed: ${body.slice(0, 300)}`)
      }
    }
  })
}
