import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import {
  driveToEnd,
  kindsOf,
  openAttempt,
  openStartedAttempt,
  sayTo,
  stopRunOf,
  withConfig,
} from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import type { EventOf } from '../domain/event.ts'
import { type Attempt, nothingPending, type Pending } from './attempt.ts'
import { addUserMessage } from './conversation.ts'
import { offersFor, planNext, planStep, reserveCall, unsentCall } from './reserve-call.ts'

let world: EngineWorld
afterEach(() => world.close())

const note = createScriptedTool('note', () => 'ok')
const offer = { name: 'note', description: note.description, inputSchema: note.inputSchema }

async function open(budget: object = {}, options: EngineWorldOptions = {}): Promise<Attempt> {
  world = await createEngineWorld({ tools: [note], ...options })
  return openAttempt(world, { budget: { micros_usd: 1_000_000, tokens: 1_000_000, steps: 100, ...budget } })
}

/** An event and a content that wait for the next commit. The event gives budget back that the claim has reserved. */
function pendingIn({ journal }: Attempt): Pending {
  const released = { micros_usd: 0, tokens: 0 }
  const event = journal.event('model.interrupted', { step: 1, try: 1, reason: 'lost', released })
  return { events: [event], contents: [journal.text('kept')], statements: [] }
}

test('the start of a step and its reservation are committed together with what was pending, before it is sent', async () => {
  const attempt = await open()
  const pending = pendingIn(attempt)
  const steps = reserveCall(attempt, 2, [offer], pending)
  const first = await steps.next(true)
  if (first.done) throw new Error('nothing was committed')
  expect(attempt.control.call).toBeUndefined()
  const [, started] = first.value.events as [unknown, EventOf<'step.started'>]
  expect(first.value).toMatchObject({
    onlyIfUnchanged: true,
    contents: pending.contents,
    events: [pending.events[0], {}],
  })
  expect(started).toMatchObject({ kind: 'step.started', facts: { step: 2, model: 'scripted-1', provider: 'scripted' } })
  const { value: call } = await steps.next(true)
  expect(call).toMatchObject({ phase: 'reserved', step: 2, tryNumber: 1, reserved: started.facts.reserved })
  expect(attempt.control.call).toBe(call)
  expect(unsentCall(attempt)).toBe(call)
})

test('what was pending is committed without a reservation where the budget does not pay for a call', async () => {
  const attempt = await open({ steps: 1 })
  const pending = pendingIn(attempt)
  const { result, requests } = await driveToEnd(attempt, reserveCall(attempt, 2, [], pending))
  expect(result).toBe('exhausted')
  expect(requests).toEqual([pending])
  expect(attempt.control.call).toBeUndefined()
})

test('a reservation that came after a message of a user is made again with that message', async () => {
  const attempt = await open()
  const before = await planNext(attempt, [], [])
  await sayTo(world, attempt)
  const { result, requests } = await driveToEnd(attempt, reserveCall(attempt, 2, [], nothingPending()))
  expect(requests).toHaveLength(2)
  expect(attempt.conversation.messages).toMatchObject([{ text: 'do it' }, { text: 'wait' }])
  const { tokens } = (result as { reserved: { tokens: number } }).reserved
  expect(tokens).toBe((before?.reserved.tokens ?? 0) + 16 + 'wait'.length)
})

test('a step is not started once a stop is in the journal', async () => {
  const attempt = await open()
  await stopRunOf(world, attempt.journal.snapshot.task.id)
  const { result } = await driveToEnd(attempt, reserveCall(attempt, 2, [], nothingPending()))
  expect(result).toBe('stopped')
  expect(attempt.control.call).toBeUndefined()
  expect(kindsOf(await world.events(attempt.journal.snapshot.task.id)).at(-1)).toBe('run.stop_requested')
})

test('a call that is sent, or none, is not one that is still to be sent', async () => {
  world = await createEngineWorld()
  const attempt = await openStartedAttempt(world)
  expect(unsentCall(attempt)).toMatchObject({ phase: 'reserved', step: 1, tryNumber: 1 })
  const streamed = { text: '', reasoning: '', bytes: 0 }
  const reserved = { micros_usd: 1, tokens: 1 }
  attempt.control.call = { phase: 'sent', step: 1, tryNumber: 1, reserved, inputBytes: 1, streamed }
  expect(unsentCall(attempt)).toBeUndefined()
  attempt.control.call = undefined
  expect(unsentCall(attempt)).toBeUndefined()
})

test('a call is planned from the budget as it stands after what is pending', async () => {
  const attempt = await open({ tokens: 100_000 })
  const { journal } = attempt
  const plan = await planNext(attempt, [], [])
  const { reserved } = journal.snapshot.task.ledger
  const released = { micros_usd: reserved.micros_usd, tokens: reserved.tokens }
  const usage = { inputTokens: 90_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
  const charge = { usage, cost_micros_usd: 0 }
  const spent = journal.event('model.interrupted', { step: 1, try: 1, reason: 'lost', released, ...charge })
  const after = await planNext(attempt, [], [spent])
  expect(plan?.outputTokensMax).toBe(32_000)
  expect(after?.reserved.tokens).toBe(10_000)
})

test('a call is planned with its instructions, its messages and its tools, up to the limit on its output', async () => {
  const attempt = await open({}, { limits: { output_tokens_per_step_max: 50 } })
  const bare = (await planNext(attempt, [], []))?.reserved.tokens ?? 0
  const instructed = await planNext({ ...attempt, instructions: 'Be brief.' }, [], [])
  const offered = await planNext(attempt, [offer], [])
  addUserMessage(attempt.conversation, 'é')
  const said = await planNext(attempt, [], [])
  expect(instructed?.reserved.tokens).toBe(bare + 'Be brief.'.length)
  expect(offered?.reserved.tokens).toBe(bare + JSON.stringify(offer).length)
  expect(said?.reserved.tokens).toBe(bare + 16 + 2)
  expect(said?.outputTokensMax).toBe(50)
})

test('a run that no attempt has yet is planned with the tools that its model will be offered', async () => {
  const attempt = await open()
  const planned = await planStep(world.deps, attempt.journal.snapshot, attempt, [])
  expect(planned).toEqual(await planNext(attempt, [offer], []))
})

test('a tool that is no longer installed is not offered, and neither is one that the run does not have', async () => {
  const attempt = await open({}, { tools: [note, createScriptedTool('mail', () => 'sent')] })
  const { config } = withConfig(attempt, { tools: ['gone', 'note'] }).journal.snapshot.run
  expect(offersFor(world.deps, config)).toEqual([offer])
})
