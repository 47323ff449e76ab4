import { testAdminKey } from '../../support/start-server.ts'
import type { LoopWorld } from './open-loop-world.ts'

/** So many readers of one journal, each from its beginning as a stream of events; answers with how many events each got. */
export async function readTogether({ server }: LoopWorld, taskId: string, readers: number): Promise<number[]> {
  const headers = { authorization: `Bearer ${testAdminKey}`, accept: 'text/event-stream' }
  return await Promise.all(
    Array.from({ length: readers }, async () => {
      const answer = await fetch(`${server.url}/v1/tasks/${taskId}/events`, { headers })
      let events = 0
      for await (const chunk of answer.body ?? [])
        events += Buffer.from(chunk).toString('latin1').split('\nid: ').length - 1
      return events
    }),
  )
}
