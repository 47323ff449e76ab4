import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { foldJournal } from '../domain/evolve.ts'
import { detailsOf } from '../domain/task-details.ts'
import { ModelError } from '../model/model.ts'
import { addMessage } from './commands/add-message.ts'
import { cancelRun } from './commands/cancel-run.ts'
import { resumeRun } from './commands/resume-run.ts'
import { stopRun } from './commands/stop-run.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}): Promise<EngineWorld> {
  world = await createEngineWorld(options)
  await world.deps.dispatcher.start()
  return world
}

function callsOf({ deps }: EngineWorld) {
  return (deps.models as ScriptedModels).calls
}

async function runToEnd(over: Parameters<EngineWorld['submit']>[0] = {}) {
  const { task, run } = await world.submit(over)
  await world.attemptEnded(run.id)
  const snapshot = await world.store.readSnapshot(task.id)
  if (snapshot === undefined) throw new Error('the task is gone')
  const events = await world.events(task.id)
  return { ...snapshot, events, kinds: events.map(({ kind }) => kind) }
}

const oneStep = ['task.submitted', 'message.added', 'run.queued', 'run.claimed', 'step.started', 'model.responded']
const call = (text: string, tool = 'note') => ({ tool, input: { text } })

test('a one-step task is submitted, claimed, answered and ended in two commits', async () => {
  await open({ steps: [{ text: 'hello' }] })
  const ended = await runToEnd()
  expect(ended.kinds).toEqual([...oneStep, 'run.succeeded'])
  expect(ended.run).toMatchObject({ state: 'succeeded', attempt: 1, steps: 1, costMicrosUsd: 15 })
  const result = await world.store.readContents([ended.run.result ?? ''])
  expect([...result.values()].map(({ body }) => body)).toEqual(['hello'])
  expect(new Set(ended.events.map(({ at }) => at)).size).toBe(1)
})

test('the rows are the fold of the journal', async () => {
  await open({
    steps: [{ text: 'I note', calls: [call('x')] }, { text: 'noted' }],
    tools: [createScriptedTool('note', () => 'ok')],
  })
  const ended = await runToEnd()
  const { number, ...task } = ended.task
  const [submitted] = ended.events
  if (submitted?.kind !== 'task.submitted') throw new Error('the journal does not begin as one does')
  const details = await world.store.readContents(Object.values(submitted.contents))
  const [kept] = details.values()
  const folded = foldJournal(task.id, ended.events, detailsOf(kept))
  expect({ task: { ...task, number: 0 }, run: ended.run }).toEqual(folded)
  expect(JSON.stringify(submitted.facts)).not.toContain(task.title)
  expect(number).toBeGreaterThan(0)
})

test('the decision on an action is on disk before its tool runs, and its result before the model sees it', async () => {
  const seen: string[][] = []
  const kindsNow = async () => (await world.events(taskId)).map(({ kind }) => kind)
  let taskId = ''
  const tool = createScriptedTool('note', async () => {
    seen.push(await kindsNow())
    return 'the result'
  })
  const before = async () => void seen.push(await kindsNow())
  await open({ steps: [{ calls: [call('x')] }, { text: 'done', before }], tools: [tool] })
  const submitted = await world.submit({ taskId: 'task-1' })
  taskId = submitted.task.id
  await world.attemptEnded(submitted.run.id)
  expect(seen[0]?.slice(-2)).toEqual(['action.requested', 'action.decided'])
  expect(seen[1]?.slice(-2)).toEqual(['action.settled', 'step.started'])
  expect(callsOf(world)[1]?.messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', toolCalls: [{ tool: 'note', input: { text: 'x' } }] },
    { role: 'tool', failed: false, output: 'the result' },
  ])
})

test('several actions of a step are carried out in order, each settled before the next begins', async () => {
  const order: string[] = []
  const tool = createScriptedTool('note', ({ text }) => {
    order.push(String(text))
    return `${text}!`
  })
  await open({ steps: [{ calls: [call('a'), call('b'), call('c')] }, { text: 'done' }], tools: [tool] })
  const ended = await runToEnd()
  expect(order).toEqual(['a', 'b', 'c'])
  expect(ended.kinds.slice(6, -3)).toEqual([
    'action.requested',
    'action.requested',
    'action.requested',
    'action.decided',
    'action.settled',
    'action.decided',
    'action.settled',
    'action.decided',
    'action.settled',
  ])
  const results = callsOf(world)[1]?.messages.filter(({ role }) => role === 'tool')
  expect(results).toMatchObject([{ output: 'a!' }, { output: 'b!' }, { output: 'c!' }])
})

test('a denied action never runs, is told to the model, and the run that ends after it is blocked', async () => {
  let ran = 0
  const count = () => {
    ran += 1
    return 'ran'
  }
  const tool = createScriptedTool('note', count)
  await open({
    steps: [{ calls: [call('x')] }, { text: 'I could not' }],
    tools: [tool],
    agent: { capabilities: ['other'] },
  })
  const ended = await runToEnd()
  expect(ran).toBe(0)
  expect(ended.run).toMatchObject({ state: 'blocked', error: { code: 'action_denied' } })
  expect(ended.run.result).not.toBeNull()
  expect(ended.events.find(({ kind }) => kind === 'action.settled')).toMatchObject({ facts: { outcome: 'denied' } })
  const told = callsOf(world)[1]?.messages.at(-1)
  expect(told?.role === 'tool' && JSON.parse(told.output)).toMatchObject({ denied: true, rules: ['capability'] })
})

test('a denial that is followed by an allowed action ends succeeded, with the denial on record', async () => {
  const denied = createScriptedTool('note', () => 'never', { capabilitiesFor: () => ['forbidden'] })
  const allowed = createScriptedTool('other', () => 'fine')
  const steps = [{ calls: [call('x')] }, { calls: [call('y', 'other')] }, { text: 'done' }]
  await open({ steps, tools: [denied, allowed], agent: { capabilities: ['test:*'] } })
  const ended = await runToEnd()
  expect(ended.run.state).toBe('succeeded')
  expect(ended.events.filter(({ kind }) => kind === 'action.decided')).toHaveLength(2)
})

test('an unknown tool, arguments that do not fit and a failing tool are told to the model, and the run goes on', async () => {
  const { ToolError } = await import('../tool/tool.ts')
  const tool = createScriptedTool('note', () => {
    throw new ToolError('broken', 'It is broken.')
  })
  const calls = [call('x', 'no_such_tool'), { tool: 'note', input: { text: 3 } }, call('y')]
  await open({ steps: [{ calls }, { text: 'done' }], tools: [tool] })
  const ended = await runToEnd()
  expect(ended.run.state).toBe('succeeded')
  const told = callsOf(world)[1]?.messages.filter((message) => message.role === 'tool')
  expect(told?.map(({ failed }) => failed)).toEqual([true, true, true])
  expect(told?.[0]?.output).toContain('There is no tool no_such_tool. There are: note.')
  expect(told?.[1]?.output).toContain('text')
  expect(told?.[2]?.output).toBe('Error (broken): It is broken.')
})

test('an output longer than the tool allows is cut and says so', async () => {
  const tool = createScriptedTool('note', () => 'é'.repeat(100), { outputBytesMax: 51 })
  await open({ steps: [{ calls: [call('x')] }, { text: 'done' }], tools: [tool] })
  const ended = await runToEnd()
  const told = callsOf(world)[1]?.messages.at(-1)
  expect(told?.role === 'tool' && told.output).toBe(`${'é'.repeat(25)}\n[cut: the output was longer than 51 bytes]`)
  expect(ended.events.find(({ kind }) => kind === 'action.settled')).toMatchObject({ facts: { truncated: true } })
})

test('a tool that takes too long is given up and the model is told', async () => {
  const begun = Promise.withResolvers<void>()
  const tool = createScriptedTool('note', () => {
    begun.resolve()
    return new Promise<string>(() => undefined)
  })
  await open({ steps: [{ calls: [call('x')] }, { text: 'done' }], tools: [tool] })
  const { run } = await world.submit()
  await begun.promise
  world.clock.advance(5_000)
  await world.attemptEnded(run.id)
  expect(callsOf(world)[1]?.messages.at(-1)).toMatchObject({ failed: true, output: expect.stringContaining('timeout') })
})

test('a step that takes its time shows as started before it is answered', async () => {
  const hold = Promise.withResolvers<void>()
  await open({ steps: [{ text: 'slow', before: () => hold.promise }] })
  const { task, run } = await world.submit()
  const started = world.event(task.id, 'step.started')
  await modelAsked(1)
  world.clock.advance(200)
  expect(await started).toMatchObject({ facts: { step: 1, provider: 'scripted' } })
  hold.resolve()
  await world.attemptEnded(run.id)
  const kinds = (await world.events(task.id)).map(({ kind }) => kind)
  expect(kinds).toEqual([...oneStep, 'run.succeeded'])
})

test('a rate limit is waited for as long as it asks, each try is recorded, and the run goes on', async () => {
  const limited = new ModelError('rate_limited', 'Too many requests.', { retryable: true, retryAfterMs: 7_000 })
  await open({ steps: [{ throws: limited }, { text: 'done' }] })
  const { task, run } = await world.submit()
  const failed = await world.event(task.id, 'model.failed')
  expect(failed.facts).toMatchObject({ try: 1, code: 'rate_limited', will_retry: true, retry_after_ms: 7_000 })
  expect(failed.facts.usage).toBeUndefined()
  await timersWait()
  world.clock.advance(7_000)
  await world.attemptEnded(run.id)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', steps: 1 })
})

test('text that a failed try had streamed is taken back: a late reader sees only what the next try says', async () => {
  const hold = Promise.withResolvers<void>()
  const limited = new ModelError('connection_cut', 'Cut.', { retryable: true, streamedChars: 4 })
  await open({
    steps: [
      { text: 'half', throws: limited },
      { text: 'whole', before: () => hold.promise },
    ],
  })
  const { task, run } = await world.submit()
  await world.event(task.id, 'model.failed')
  await timersWait()
  world.clock.advance(5_000)
  await modelAsked(2)
  const seen: { text: string; index: number }[] = []
  await world.clock.until(() => {
    world.deps.live.listen(task.id, ({ text, index }) => seen.push({ text, index }))()
    return seen.length > 0
  })
  expect(seen.at(-1)).toEqual({ text: 'whole', index: 1 })
  hold.resolve()
  await world.attemptEnded(run.id)
})

test('a call that is cut in the middle is charged an estimate, marked so', async () => {
  const cut = new ModelError('connection_cut', 'The connection was cut.', { retryable: false, streamedChars: 30 })
  await open({ steps: [{ text: 'x'.repeat(30), throws: cut }] })
  const ended = await runToEnd({ input: { text: 'y'.repeat(60) } })
  expect(ended.run).toMatchObject({ state: 'failed', error: { code: 'connection_cut' }, costMicrosUsd: 30 })
  const failed = ended.events.find(({ kind }) => kind === 'model.failed')
  expect(failed?.facts).toMatchObject({
    estimated: true,
    usage: { inputTokens: 20, outputTokens: 10 },
    will_retry: false,
  })
})

test('three runs in a row that fail for the agent’s own configuration put it into error, and it takes no more', async () => {
  const refused = new ModelError('credential_refused', 'No.', { retryable: false, configuration: true })
  await open({ steps: [{ throws: refused }] })
  for (let i = 0; i < 3; i += 1) await runToEnd()
  expect(await world.store.readAgent(world.agent.id)).toMatchObject({ state: 'error', failures: 3 })
  await expect(world.submit()).rejects.toMatchObject({ code: 'agent_unavailable' })
})

test('a success between failures of the configuration starts the count again', async () => {
  const refused = new ModelError('credential_refused', 'No.', { retryable: false, configuration: true })
  await open({ steps: [{ throws: refused }, { throws: refused }, { text: 'ok' }, { throws: refused }] })
  for (let i = 0; i < 4; i += 1) await runToEnd()
  expect(await world.store.readAgent(world.agent.id)).toMatchObject({ state: 'active', failures: 1 })
})

test('a run ends when its steps are used up', async () => {
  const tool = createScriptedTool('note', () => 'again')
  await open({ steps: [{ calls: [call('x')] }], tools: [tool] })
  const ended = await runToEnd({ stepsMax: 4 })
  expect(ended.run).toMatchObject({ state: 'failed', steps: 4, error: { code: 'steps_exhausted' } })
})

test('a run that takes longer than it may is cut, its call charged, and fails with run_timeout', async () => {
  await open({ steps: [{ text: 'abc', before: () => new Promise(() => undefined) }] })
  const { task, run } = await world.submit({ timeoutMs: 60_000, input: { text: 'abcdef' } })
  await modelAsked(1)
  world.clock.advance(60_000)
  await world.attemptEnded(run.id)
  const ended = await world.store.readRun(run.id)
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'run_timeout' }, costMicrosUsd: 3, activeMs: 60_000 })
  expect((await world.events(task.id)).at(-2)).toMatchObject({
    kind: 'model.interrupted',
    facts: { reason: 'timed_out', estimated: true },
  })
})

test('cancel is terminal at its commit: the model call is aborted and charged, and what comes after changes nothing', async () => {
  const aborted = Promise.withResolvers<void>()
  const before = ({ signal }: { signal: AbortSignal }) => {
    signal.addEventListener('abort', () => aborted.resolve())
    return new Promise<void>(() => undefined)
  }
  await open({ steps: [{ text: 'abc', before }] })
  const { task, run } = await world.submit({ input: { text: 'abcdef' } })
  await modelAsked(1)
  const cancelled = await cancelRun(world.deps, world.owner, task.id)
  expect(cancelled.run.state).toBe('cancelled')
  await aborted.promise
  await world.attemptEnded(run.id)
  const events = await world.events(task.id)
  expect(events.slice(-2)).toMatchObject([
    { kind: 'model.interrupted', facts: { reason: 'cancelled', estimated: true, cost_micros_usd: 3 } },
    { kind: 'run.cancelled', facts: { by: 'user-1' } },
  ])
  await expect(cancelRun(world.deps, world.owner, task.id)).rejects.toMatchObject({ code: 'run_settled' })
  expect(await world.events(task.id)).toHaveLength(events.length)
})

test('cancel settles an action under way as unknown and stops its tool', async () => {
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const tool = createScriptedTool('note', (_input, { signal }) => {
    signal.addEventListener('abort', () => stopped.resolve())
    begun.resolve()
    return new Promise<string>(() => undefined)
  })
  await open({ steps: [{ calls: [call('x')] }], tools: [tool] })
  const { task, run } = await world.submit()
  await begun.promise
  await cancelRun(world.deps, world.owner, task.id)
  await stopped.promise
  await world.attemptEnded(run.id)
  expect((await world.events(task.id)).slice(-2)).toMatchObject([
    { kind: 'action.settled', facts: { outcome: 'unknown' } },
    { kind: 'run.cancelled' },
  ])
})

test('stop pauses at the next boundary, resume goes on where it stood', async () => {
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<string>()
  const tool = createScriptedTool('note', () => {
    begun.resolve()
    return finish.promise
  })
  await open({ steps: [{ calls: [call('x'), call('y')] }, { text: 'done' }], tools: [tool] })
  const { task, run } = await world.submit()
  await begun.promise
  const asked = await stopRun(world.deps, world.owner, task.id)
  expect(asked.run).toMatchObject({ state: 'running', stopRequestedAt: world.clock.now() })
  finish.resolve('first')
  await world.attemptEnded(run.id)
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'paused', stopRequestedAt: null })
  expect((await world.events(task.id)).filter(({ kind }) => kind === 'action.settled')).toHaveLength(1)

  await resumeRun(world.deps, world.owner, task.id)
  await world.event(task.id, 'run.succeeded')
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', attempt: 2 })
  expect(callsOf(world)[1]?.messages.filter(({ role }) => role === 'tool')).toHaveLength(2)
  await expect(stopRun(world.deps, world.owner, task.id)).rejects.toMatchObject({ code: 'run_settled' })
})

test('a message to a running run is given to its next model call', async () => {
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<string>()
  const tool = createScriptedTool('note', () => {
    begun.resolve()
    return finish.promise
  })
  await open({ steps: [{ calls: [call('x')] }, { text: 'done' }], tools: [tool] })
  const { task, run } = await world.submit()
  await begun.promise
  await addMessage(world.deps, world.owner, task.id, { input: { text: 'and this' } })
  finish.resolve('ok')
  await world.attemptEnded(run.id)
  expect(callsOf(world)[1]?.messages.at(-1)).toEqual({ role: 'user', text: 'and this' })
  expect(await world.store.listRuns(task.id)).toHaveLength(1)
})

test('a message that comes while the last answer is spoken is answered too', async () => {
  const hold = Promise.withResolvers<void>()
  await open({ steps: [{ text: 'first answer', before: () => hold.promise }, { text: 'second answer' }] })
  const { task, run } = await world.submit()
  await modelAsked(1)
  await addMessage(world.deps, world.owner, task.id, { input: { text: 'wait, also this' } })
  hold.resolve()
  await world.attemptEnded(run.id)
  expect(callsOf(world)[1]?.messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', text: 'first answer' },
    { role: 'user', text: 'wait, also this' },
  ])
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'succeeded', steps: 2 })
})

test('a message on an ended task starts a new run that knows what was said before', async () => {
  await open({ steps: [{ text: 'one' }, { text: 'two' }] })
  const { task } = await runToEnd()
  const next = await addMessage(world.deps, world.owner, task.id, { input: { text: 'more' } })
  await world.attemptEnded(next.run.id)
  expect(next.run.turn).toBe(2)
  expect(callsOf(world)[1]?.messages).toMatchObject([{ text: 'do it' }, { text: 'one' }, { text: 'more' }])
  expect(await world.store.readTask(task.id)).toMatchObject({ state: 'succeeded', runId: next.run.id })
})

test('what a provider sent is kept verbatim and given back to the same model', async () => {
  const messages = [{ role: 'assistant', content: [{ type: 'reasoning', signature: 's1' }] }]
  const tool = createScriptedTool('note', () => 'ok')
  await open({ steps: [{ calls: [call('x')], messages }, { text: 'one' }, { text: 'two' }], tools: [tool] })
  const { task } = await runToEnd()
  const next = await addMessage(world.deps, world.owner, task.id, { input: { text: 'more' } })
  await world.attemptEnded(next.run.id)
  const verbatim = { provider: 'scripted', model: 'scripted-1', messages }
  expect(callsOf(world)[1]?.messages[1]).toMatchObject({ verbatim })
  expect(callsOf(world)[2]?.messages[1]).toMatchObject({ verbatim })
})

test('a sealed message shows to the model as unreadable, and its title too', async () => {
  await open({ steps: [{ text: 'I cannot read it' }] })
  const sealed = new TextEncoder().encode('the secret')
  const ended = await runToEnd({ input: { sealed, mediaType: 'application/octet-stream' } })
  expect(ended.task.title).toBe('[sealed content]')
  expect(callsOf(world)[0]?.messages).toEqual([{ role: 'user', text: '[sealed content]' }])
  const kept = (await world.store.readContents([ended.run.input])).get(ended.run.input)
  expect(kept?.sealed === true && Buffer.from(kept.body).toString()).toBe('the secret')
})

test('a key that came with the task is given to the model only, and is written nowhere', async () => {
  await open({ steps: [{ text: 'done' }] })
  const ended = await runToEnd({ modelKey: 'sk-of-the-caller' })
  expect(callsOf(world)[0]?.apiKey).toBe('sk-of-the-caller')
  expect(JSON.stringify(ended)).not.toContain('sk-of-the-caller')
  expect(world.deps.runKeys.size).toBe(0)
})

test('a run whose own key was lost with its process fails and says so', async () => {
  world = await createEngineWorld()
  const { task, run } = await world.submit({ modelKey: 'sk-of-the-caller' })
  world.deps.runKeys.clear()
  await world.deps.dispatcher.start()
  await world.event(task.id, 'run.failed')
  expect(await world.store.readRun(run.id)).toMatchObject({ state: 'failed', error: { code: 'credential_lost' } })
})

/** The model has been asked for the nth time; the fake clock's timers of that call are set. */
async function modelAsked(nth: number): Promise<void> {
  await world.clock.until(() => callsOf(world).length >= nth)
}

async function timersWait(): Promise<void> {
  await world.clock.until(() => world.clock.waiting > 1)
}
