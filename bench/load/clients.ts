import type { RunningServer } from '../contenders/contender.ts'
import { HttpConnection } from './http-connection.ts'

/** Opens `count` connections, does the work, closes them whatever happens. */
export async function withConnections<T>(
  server: Pick<RunningServer, 'port'>,
  count: number,
  work: (connections: readonly HttpConnection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => HttpConnection.open(server.port)))
  try {
    return await work(connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}

export const withConnection = <T>(
  server: Pick<RunningServer, 'port'>,
  work: (connection: HttpConnection) => Promise<T>,
): Promise<T> => withConnections(server, 1, ([connection]) => (connection ? work(connection) : Promise.reject()))

/** A closed loop: every connection does the job again and again while there is more. Resolves with the time it all took. */
export async function closedLoop(
  connections: readonly HttpConnection[],
  more: () => boolean,
  job: (connection: HttpConnection) => Promise<void>,
): Promise<{ elapsedMs: number }> {
  const from = performance.now()
  const loops = connections.map(async (connection) => {
    while (more()) await job(connection)
  })
  await Promise.all(loops)
  return { elapsedMs: performance.now() - from }
}

/** Answers true `count` times. */
export function times(count: number): () => boolean {
  let left = count
  return () => {
    left -= 1
    return left >= 0
  }
}
