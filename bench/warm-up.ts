import type { RunningServer } from './contenders/contender.ts'
import { closedLoop, times, withConnections } from './load/clients.ts'
import { mustHaveSucceeded, submitBytes } from './load/requests.ts'

/** Lets the server's code be compiled before anything is timed. */
export async function warmUp(server: RunningServer, tasks: number): Promise<void> {
  const bytes = submitBytes(server, { input: 'say hello' }, 'Prefer: wait=30')
  await withConnections(server, 64, (connections) =>
    closedLoop(connections, times(tasks), async (connection) => {
      mustHaveSucceeded(await connection.request(bytes))
    }),
  )
}
