import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TaskView } from '../../src/api/native/contract/task.ts'
import { type RunningServer, startServer, temporaryFolder } from '../support/start-server.ts'

const descriptorsMax = 256

let folder: ReturnType<typeof temporaryFolder>
let server: RunningServer
const sockets: Socket[] = []
beforeEach(async () => {
  folder = temporaryFolder()
  // 64 for the server, 4 for each of 16 runs, 16 for deliveries: 112 are left for connections.
  const env = { MANDATE_RUNS_RUNNING_MAX: '16', MANDATE_WEBHOOK_DELIVERIES_RUNNING_MAX: '16' }
  const under = ['/bin/sh', '-c', `ulimit -n ${descriptorsMax} && exec "$0" "$@"`]
  server = await startServer(folder.path, env, { under })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.stop('SIGKILL')
  folder.remove()
})

/** Connections of many addresses that ask for something they do not finish. Resolves once each is open or was refused. */
async function flood(count: number): Promise<void> {
  const { hostname, port } = new URL(server.url)
  const settled = Array.from({ length: count }, (_, at) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: `127.0.${at % 200}.9` })
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write('POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nx-slow: ')
    return new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  })
  await Promise.all(settled)
}

test('a flood of connections past the descriptors of the process costs running tasks nothing', async () => {
  await flood(2 * descriptorsMax)
  const input = 'write hello to a.txt then read a.txt then say done'
  const submits = Array.from({ length: 16 }, () => server.call('POST', '/v1/tasks', { input }, { prefer: 'wait=60' }))
  await flood(2 * descriptorsMax)
  const tasks = await Promise.all(submits.map(async (submit) => (await (await submit).json()) as TaskView))
  expect(tasks.map(({ state, run }) => [state, run.attempt])).toEqual(tasks.map(() => ['succeeded', 1]))
  const health = await server.call('GET', '/v1/health')
  expect(health.status).toBe(200)
})
