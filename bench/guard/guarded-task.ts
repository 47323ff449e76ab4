import type { EngineWorld } from '../../test/support/create-engine-world.ts'
import { createEngineWorld } from '../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'

const callsPerStep = 33
/** Of each: what asks for it, decides it and settles it. */
const eventsPerCall = 3

/** An engine in this process, with a task in its store that has ended after so many events, nearly all of them of actions. */
export async function openGuardedTask(events: number): Promise<{ world: EngineWorld; taskId: string; runId: string }> {
  const steps = Math.ceil(events / (callsPerStep * eventsPerCall + 2))
  const calls = Array.from({ length: callsPerStep }, (_, i) => ({ tool: 'note', input: { text: `note ${i}` } }))
  const world = await createEngineWorld({
    steps: [...Array.from({ length: steps }, () => ({ text: 'I note.', calls })), { text: 'done' }],
    tools: [createScriptedTool('note', () => 'noted')],
  })
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  const ended = await world.store.readSnapshot(task.id)
  if (ended?.run.state !== 'succeeded') throw new Error(`The task ended ${ended?.run.state}.`)
  return { world, taskId: task.id, runId: run.id }
}
