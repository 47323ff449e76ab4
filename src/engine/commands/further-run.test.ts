import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { started } from '../../../test/support/started.ts'
import { testPolicy } from '../../../test/support/test-policies.ts'
import { createRunCloser } from '../services/run-closer.ts'
import { parentOf } from '../submission/parent-task.ts'
import { addMessage } from './add-message.ts'

let world: EngineWorld
let stop: () => Promise<void>
afterEach(async () => {
  await stop()
  await world.close()
})

test('a further run of a sub-task is under the policy that its parent has by now, and has the labels of what that has read', async () => {
  const input = { text: 'x' }
  const steps = [
    { text: 'the parent is done' },
    { text: 'the sub-task is done' },
    { calls: [{ tool: 'look', input }] },
    { text: 'the parent has looked' },
    { calls: [{ tool: 'send', input }] },
    { text: 'the sub-task has tried' },
  ]
  const tools = [
    createScriptedTool('look', () => 'a secret', { labels: ['secret'] }),
    createScriptedTool('send', () => 'sent', { sinks: ['network'] }),
  ]
  const policies = [testPolicy({ name: 'closing', closed_sinks: { secret: ['*'] } })]
  world = await createEngineWorld({ steps, tools, policies })
  stop = started(createRunCloser(world.deps))
  await world.deps.dispatcher.start()
  const parent = await world.submit()
  await world.attemptEnded(parent.run.id)
  const child = await world.submit({ parent: parentOf(parent) })
  await world.attemptEnded(child.run.id)
  const again = async (id: string, policy?: string) => {
    const { run } = await addMessage(world.deps, world.owner, id, { input, ...(policy !== undefined && { policy }) })
    await world.attemptEnded(run.id)
    return run
  }
  await again(parent.task.id, 'closing')
  const { config } = await again(child.task.id)
  expect(config.policy.name).toBe('closing')
  const events = await world.events(child.task.id)
  expect(events.find(({ kind }) => kind === 'budget.granted')?.facts).toMatchObject({ labels: ['secret'] })
  const decided = events.find(({ kind }) => kind === 'action.decided')
  expect(decided?.facts).toMatchObject({ answer: 'deny', rules: ['sink_closed:secret'] })
  await expect(addMessage(world.deps, world.owner, child.task.id, { input, policy: 'sox' })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})
