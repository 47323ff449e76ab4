import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../test/support/create-engine-world.ts'
import type { ScriptedModels, ScriptedStep } from '../../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import type { Tool } from '../../tool/tool.ts'
import { rescueRuns } from './run-rescuer.ts'

const worlds: EngineWorld[] = []
afterEach(async () => {
  const [first, ...rest] = worlds.splice(0)
  for (const world of rest) await world.stop()
  await first?.close()
})

const steps: ScriptedStep[] = [{ calls: [{ tool: 'note', input: { text: 'x' } }] }, { text: 'done' }]

function createHangingTool(begun: () => void, over: Partial<Tool>): Tool {
  const hang = () => {
    begun()
    return new Promise<string>(() => undefined)
  }
  return createScriptedTool('note', hang, over)
}

/** Counts how often it was carried out. */
function createCountingTool(over: Partial<Tool> = {}) {
  const count = { performed: 0 }
  const perform = () => {
    count.performed += 1
    return `again ${count.performed}`
  }
  return { count, tool: createScriptedTool('note', perform, over) }
}

/** A first process that hangs for ever in its tool, as if it had been killed there. */
async function dieInTool(over: Partial<Tool>) {
  const begun = Promise.withResolvers<void>()
  const hanging = createHangingTool(begun.resolve, over)
  const first = await createEngineWorld({ steps, tools: [hanging] })
  worlds.push(first)
  await first.deps.dispatcher.start()
  const submitted = await first.submit()
  await begun.promise
  return { first, ...submitted }
}

async function takeUp(first: EngineWorld, runId: string, tools: Tool[], script: ScriptedStep[] = [{ text: 'done' }]) {
  const second = await createEngineWorld({ steps: script, tools, beside: first })
  worlds.push(second)
  const rescued = await rescueRuns(second.deps)
  await second.deps.dispatcher.start()
  await second.attemptEnded(runId)
  return { second, rescued, run: await first.store.readRun(runId) }
}

test('an action that was cut and is safe to repeat is done again under a new id that names the first', async () => {
  const { first, task, run } = await dieInTool({ safeToRepeat: true })
  const { tool, count } = createCountingTool({ safeToRepeat: true })
  const { rescued, run: ended, second } = await takeUp(first, run.id, [tool])
  expect(rescued).toBe(1)
  expect(count.performed).toBe(1)
  expect(ended).toMatchObject({ state: 'succeeded', attempt: 2, lostAttempts: 1 })
  const events = await first.events(task.id)
  const requested = events.filter((event) => event.kind === 'action.requested')
  expect(requested[1]?.facts.repeats).toBe(requested[0]?.facts.action)
  const settled = events.filter((event) => event.kind === 'action.settled')
  expect(settled.map(({ facts }) => facts.outcome)).toEqual(['unknown', 'settled'])
  const told = (second.deps.models as ScriptedModels).calls[0]?.messages.filter(({ role }) => role === 'tool')
  expect(told).toMatchObject([{ output: 'again 1' }])
})

test('an action that was cut and is not safe to repeat is not repeated, and the model is told that its outcome is unknown', async () => {
  const { first, run } = await dieInTool({ safeToRepeat: false })
  const { tool, count } = createCountingTool()
  const { second, run: ended } = await takeUp(first, run.id, [tool])
  expect(count.performed).toBe(0)
  expect(ended?.state).toBe('succeeded')
  const told = (second.deps.models as ScriptedModels).calls[0]?.messages.at(-1)
  expect(told).toMatchObject({ role: 'tool', failed: true, output: expect.stringContaining('outcome is unknown') })
})

test('what the process that was thought dead still says changes nothing', async () => {
  const { first, task, run } = await dieInTool({ timeoutMs: 1_000 })
  await takeUp(first, run.id, [createScriptedTool('note', () => 'ok')])
  const before = await first.events(task.id)
  first.clock.advance(1_000) // the first process goes on: its tool times out, and it wants to settle it
  await first.attemptEnded(run.id)
  expect(await first.events(task.id)).toEqual(before)
})

test('after three lost attempts the run fails with that reason', async () => {
  const { first, run } = await dieInTool({ safeToRepeat: true })
  for (let lost = 1; lost < 3; lost += 1) {
    const begun = Promise.withResolvers<void>()
    const tool = createHangingTool(begun.resolve, { safeToRepeat: true })
    const next = await createEngineWorld({ steps, tools: [tool], beside: first })
    worlds.push(next)
    await rescueRuns(next.deps)
    await next.deps.dispatcher.start()
    await begun.promise
  }
  const last = await createEngineWorld({ beside: first })
  worlds.push(last)
  await rescueRuns(last.deps)
  expect(await first.store.readRun(run.id)).toMatchObject({ state: 'failed', error: { code: 'attempts_lost' } })
})

test('a model call that was lost with its process is charged its whole reservation by the next attempt', async () => {
  const first = await createEngineWorld({ steps: [{ before: () => new Promise(() => undefined) }] })
  worlds.push(first)
  await first.deps.dispatcher.start()
  const { task, run } = await first.submit({ input: { text: 'x'.repeat(30) } })
  await first.clock.until(() => (first.deps.models as ScriptedModels).calls.length === 1)
  first.clock.advance(200)
  await first.event(task.id, 'step.started')
  const { run: ended } = await takeUp(first, run.id, [])
  const events = await first.events(task.id)
  const reserved = events.find((event) => event.kind === 'step.started')?.facts.reserved
  const lost = events.find((event) => event.kind === 'model.interrupted')
  expect(lost?.facts).toMatchObject({ reason: 'lost', estimated: true, released: reserved })
  expect(lost?.facts).toMatchObject({ cost_micros_usd: reserved?.micros_usd, usage: { inputTokens: reserved?.tokens } })
  expect(ended).toMatchObject({ state: 'succeeded', costMicrosUsd: (reserved?.micros_usd ?? 0) + 15 })
})
