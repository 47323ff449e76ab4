import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import { addMessage } from '../commands/add-message.ts'
import { updateAgent } from '../commands/update-agent.ts'

let world: EngineWorld
afterEach(() => world.close())

const input = { text: 'x' }
const rules = (folder: string) => [{ path: `${folder}/{a,b}`, labels: [folder] }]

test('the path rules of a task are those of all its runs, until they have more characters than a task may take on', async () => {
  const limits = { path_label_chars_max: 16, path_label_chars_per_task_max: 30 }
  world = await createEngineWorld({
    steps: [{ text: 'done' }, { text: 'again' }],
    agent: { pathLabels: rules('legal') },
    limits,
  })
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  const withRules = (folder: string) =>
    updateAgent(world.deps, world.owner, world.agent.id, { pathLabels: rules(folder) })
  await withRules('staff')
  // legal/a, legal/b, staff/a and staff/b: 8 each.
  await expect(addMessage(world.deps, world.owner, task.id, { input })).rejects.toMatchObject({
    code: 'limit_exceeded',
    limit: 'path_label_chars_per_task_max',
  })
  await withRules('hr')
  const further = await addMessage(world.deps, world.owner, task.id, { input })
  expect(further.run.config.pathLabels).toEqual([...rules('hr'), ...rules('legal')])
  await world.attemptEnded(further.run.id)
})

test('an agent takes no path rule that cannot be read, or whose alternatives are too many', async () => {
  world = await createEngineWorld()
  const withRule = (path: string) =>
    updateAgent(world.deps, world.owner, world.agent.id, { pathLabels: [...rules('hr'), { path, labels: ['x'] }] })
  await expect(withRule('!(hr)/**')).rejects.toMatchObject({
    code: 'invalid_input',
    limit: undefined,
    fields: [{ field: 'path_labels.1.path', message: expect.stringContaining('groups') }],
  })
  await expect(withRule('{a,b}'.repeat(18))).rejects.toMatchObject({
    code: 'invalid_input',
    limit: 'path_label_chars_max',
    fields: [{ field: 'path_labels.1.path', message: expect.stringContaining('too long') }],
  })
  expect((await withRule('legal/{a,b}/*')).pathLabels).toHaveLength(2)
})
