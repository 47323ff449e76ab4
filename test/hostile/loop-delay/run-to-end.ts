import type { LoopWorld } from './open-loop-world.ts'
import { done, type HostileRun } from './run-inputs.ts'

/** Runs a task to its end, whatever that is, and reads what is on record of it; answers with its id. */
export async function runToEnd(
  { server, model }: LoopWorld,
  { name, answers }: HostileRun,
  body: object,
): Promise<string> {
  const open = [...answers.map((make) => make()), done, done, done]
  model.answerAll((response) => {
    response.on('error', () => undefined).writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(open.shift() ?? done)
  })
  const answer = await server.call('POST', '/v1/tasks', body, { prefer: 'wait=120' })
  const task = (await answer.json()) as { id: string; state?: string }
  if (answer.status !== 200)
    throw new Error(`${name} did not end: ${answer.status} ${JSON.stringify(task).slice(0, 300)}`)
  // Also what is read of it afterwards.
  for (const path of ['', '/events?limit=200', '/audit', '/audit?format=pdf']) {
    const read = await server.call('GET', `/v1/tasks/${task.id}${path}`)
    await read.arrayBuffer()
  }
  return task.id
}
