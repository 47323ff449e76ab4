import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { openAttempt } from '../../test/support/open-attempt.ts'
import { createScriptedModels, type ScriptedModels } from '../../test/support/scripted-models.ts'
import { noUsage } from '../domain/usage.ts'
import type { Delta } from '../live/live.ts'
import { type ModelDelta, ModelError, type ModelResponse } from '../model/model.ts'
import type { Attempt } from './attempt.ts'
import { say } from './conversation.ts'
import type { UnsentCall } from './reserved-call.ts'
import { createPublishDelta, streamCall } from './stream-call.ts'

const reserved: UnsentCall = {
  phase: 'reserved',
  step: 1,
  tryNumber: 1,
  reserved: { micros_usd: 1_000, tokens: 1_000 },
  outputTokensMax: 77,
}
const note = { name: 'note', description: 'Notes.', inputSchema: {} }
const call = (text: string) => ({ tool: 'note', input: { text } })

let world: EngineWorld
afterEach(() => world.close())

async function open(...options: Parameters<typeof createEngineWorld>): Promise<Attempt> {
  world = await createEngineWorld(...options)
  return openAttempt(world)
}

test('a call is sent with the conversation, the tools and the bound on its output, and stands as sent', async () => {
  const attempt = await open({ steps: [{ text: 'Grüße' }] })
  const { call: sent, response } = streamCall(attempt, reserved, [note], attempt.deps.clock.now() + 60_000, () => {})
  expect(attempt.control.call).toBe(sent)
  expect(sent).toMatchObject({ phase: 'sent', step: 1, tryNumber: 1, reserved: reserved.reserved })
  expect(sent.inputBytes).toBe(Buffer.byteLength('do it'))
  expect(await response).toMatchObject({ text: 'Grüße' })
  expect((attempt.deps.models as ScriptedModels).calls).toMatchObject([
    { messages: [{ role: 'user', text: 'do it' }], tools: [note], outputTokensMax: 77 },
  ])
})

test('what a model has streamed is known while it still speaks, in text and in bytes', async () => {
  const isHeld = Promise.withResolvers<void>()
  const isStreamed = Promise.withResolvers<void>()
  const attempt = await open({ steps: [{ text: 'Grüße', before: () => isHeld.promise }] })
  const { call: sent, response } = streamCall(attempt, reserved, [], attempt.deps.clock.now() + 60_000, () =>
    isStreamed.resolve(),
  )
  expect(sent.streamed).toMatchObject({ text: '', reasoning: '', bytes: 0 })
  await isStreamed.promise
  expect(sent.streamed).toMatchObject({ text: 'Grüße', reasoning: '', bytes: 7 })
  isHeld.resolve()
  await response
})

test.each([
  [10_000, { firstByteMs: 10_000, idleMs: 10_000, totalMs: 10_000 }],
  [90_000, { firstByteMs: 60_000, idleMs: 30_000, totalMs: 90_000 }],
  [-5, { firstByteMs: 1, idleMs: 1, totalMs: 1 }],
])('with %d ms left for the step the timeouts of a call are %o', async (leftMs, timeouts) => {
  const attempt = await open({ limits: { first_byte_timeout_seconds: 60, idle_timeout_seconds: 30 } })
  const { response } = streamCall(attempt, reserved, [], attempt.deps.clock.now() + leftMs, () => {})
  await response
  expect((attempt.deps.models as ScriptedModels).calls[0]?.timeouts).toEqual(timeouts)
})

test('a response with more tool calls than are taken is refused with the usage that it is charged for', async () => {
  const attempt = await open({
    steps: [{ calls: [call('a'), call('b'), call('c')] }],
    limits: { tool_calls_per_response_max: 2 },
  })
  const { response } = streamCall(attempt, reserved, [note], attempt.deps.clock.now() + 60_000, () => {})
  const error = await response.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ModelError)
  expect(error).toMatchObject({
    code: 'answer_too_long',
    retryable: false,
    usage: { inputTokens: 10 },
    usageEstimated: false,
    message: 'The response holds 3 tool calls; at most 2 are taken (tool_calls_per_response_max).',
  })
})

test('a response with as many tool calls as are taken is taken', async () => {
  const attempt = await open({
    steps: [{ calls: [call('a'), call('b')] }],
    limits: { tool_calls_per_response_max: 2 },
  })
  const { response } = streamCall(attempt, reserved, [note], attempt.deps.clock.now() + 60_000, () => {})
  expect((await response).toolCalls).toHaveLength(2)
})

/** A model that streams these deltas and answers with this response. */
function streaming(deltas: readonly ModelDelta[], response: ModelResponse): ScriptedModels {
  return {
    ...createScriptedModels([]),
    async *stream() {
      yield* deltas
      return response
    },
  }
}

const answer: ModelResponse = {
  text: '',
  reasoning: '',
  toolCalls: [],
  finish: 'stop',
  usage: noUsage,
  messages: null,
}

test('a usage that is an estimate stays one where the response is refused', async () => {
  const models = streaming([], { ...answer, toolCalls: [{ id: '1', tool: 'note', input: {} }], usageEstimated: true })
  const attempt = await open({ models, limits: { tool_calls_per_response_max: 0 } })
  const { response } = streamCall(attempt, reserved, [note], attempt.deps.clock.now() + 60_000, () => {})
  await expect(response).rejects.toMatchObject({ code: 'answer_too_long', usageEstimated: true })
})

test('the deltas of a call add up to its text, and half a character at the end is not lost', async () => {
  const deltas = ['a', 'b\ud800'].flatMap((text): ModelDelta[] => [
    { kind: 'text', text },
    { kind: 'reasoning', text: `${text}!` },
  ])
  const attempt = await open({ models: streaming(deltas, answer) })
  const published: string[] = []
  const { call: sent, response } = streamCall(attempt, reserved, [], attempt.deps.clock.now() + 60_000, ({ text }) =>
    published.push(text),
  )
  await response
  expect(sent.streamed).toMatchObject({ text: 'ab\ufffd', reasoning: 'a!b\ufffd!' })
  expect(published.at(-1)).toBe('\ufffd')
})

test('a call that fails before its caller awaits it is no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const record = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', record)
  try {
    const attempt = await open({ steps: [{ throws: new ModelError('rate_limited', 'Later.', { retryable: true }) }] })
    const { response } = streamCall(attempt, reserved, [], attempt.deps.clock.now() + 60_000, () => {})
    let turns = 0
    await world.clock.until(() => {
      turns += 1
      return turns > 20
    })
    expect(unhandled).toEqual([])
    await expect(response).rejects.toMatchObject({ code: 'rate_limited' })
  } finally {
    process.off('unhandledRejection', record)
  }
})

test('a call that is aborted rejects with the reason of the attempt', async () => {
  const attempt = await open({ models: createScriptedModels([{ before: () => new Promise(() => {}) }]) })
  const { response } = streamCall(attempt, reserved, [], attempt.deps.clock.now() + 60_000, () => {})
  attempt.control.abort('timed_out')
  await expect(response).rejects.toBe(attempt.control.signal.reason)
})

test('the deltas of a step go on counting over its tries, text and reasoning each by itself', async () => {
  const attempt = await open()
  const published: Delta[] = []
  attempt.deps.live.listen(attempt.journal.snapshot.task.id, (delta) => published.push(delta))
  const publish = createPublishDelta(attempt, 3)
  publish({ kind: 'text', text: 'a' })
  publish({ kind: 'reasoning', text: 'b' })
  publish({ kind: 'text', text: 'c' })
  const { id: run, attempt: number } = attempt.journal.snapshot.run
  expect(published.map(({ index, kind, text }) => [index, kind, text])).toEqual([
    [0, 'text.delta', 'a'],
    [0, 'reasoning.delta', 'b'],
    [1, 'text.delta', 'c'],
  ])
  expect(published.map(({ snapshot }) => snapshot)).toEqual([false, false, false])
  expect(new Set(published.map((delta) => `${delta.run} ${delta.attempt} ${delta.step}`))).toEqual(
    new Set([`${run} ${number} 3`]),
  )
})

test('the input of a call counts the instructions too', async () => {
  const attempt = await open()
  say(attempt.conversation, { role: 'user', text: 'é' })
  const instructed = { ...attempt, instructions: 'Be brief.' }
  const { call: sent, response } = streamCall(instructed, reserved, [], attempt.deps.clock.now() + 60_000, () => {})
  expect(sent.inputBytes).toBe('do it'.length + 2 + 'Be brief.'.length)
  await response
})
