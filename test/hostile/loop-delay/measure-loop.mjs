// Loaded into the server before everything else: tells for how long its event loop was held at most. It counts the time that the
// main thread itself has used between two turns of the loop, so that a machine with other things to do changes nothing.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const portFile = process.env.LOOP_DELAY_PORT_FILE

if (isMainThread && portFile !== undefined) {
  const { createServer } = await import('node:http')
  const usedMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let last = usedMs()
  let longest = 0
  const turn = () => {
    const now = usedMs()
    longest = Math.max(longest, now - last)
    last = now
  }
  setInterval(turn, 2).unref()
  const server = createServer((_request, response) => {
    turn()
    response.end(JSON.stringify(longest))
    longest = 0
  })
  server.listen(0, '127.0.0.1', () => writeFileSync(portFile, String(server.address().port)))
  server.unref()
}
