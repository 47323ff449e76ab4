import { sleep } from '../../src/clock/clock.ts'
import type { FakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import type { ModelChoice } from '../../src/domain/task.ts'
import { noUsage, type Usage } from '../../src/domain/usage.ts'
import { type ModelCall, type ModelDelta, ModelError, type ModelResponse, type Models } from '../../src/model/model.ts'
import { type Tool, ToolError } from '../../src/tool/tool.ts'
import { createScriptedTool } from './scripted-tool.ts'
import type { SeededRandom } from './seeded-random.ts'

const choice: ModelChoice = { provider: 'random', model: 'random-1', name: 'random', options: {} }

/** A model of random prices that answers, fails, calls tools and overdraws at random, each after some time of the clock. */
export function createRandomModels(random: SeededRandom, clock: FakeClock): Models {
  const price = { input: random.pick([0, 1, 3]), output: random.pick([0, 2, 11]) }
  let calls = 0
  return {
    resolve: () => choice,
    list: () => [],
    priceMicrosUsd: async (_choice, usage) => price.input * usage.inputTokens + price.output * usage.outputTokens,
    async *stream(call): AsyncGenerator<ModelDelta, ModelResponse, void> {
      await sleep(clock, random.pick([0, 10, 300, 5_000]), call.signal)
      if (random.chance(0.3)) yield { kind: 'text', text: 'x'.repeat(random.whole(1, 200)) }
      await sleep(clock, random.pick([0, 10]), call.signal)
      if (random.chance(0.2)) throw failure(random, call)
      const toolCalls = Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, () => {
        calls += 1
        return { id: `call-${calls}`, tool: random.pick(['note', 'look', 'none']), input: { text: `${calls}` } }
      })
      const usage = random.chance(0.03) ? tooMuch(random, call) : fitting(random, call)
      return { text: 'said', reasoning: '', toolCalls, finish: 'stop', usage, messages: null }
    },
  }
}

function fitting(random: SeededRandom, call: ModelCall): Usage {
  const outputTokensMax = boundOf(call)
  const outputTokens = random.chance(0.1) ? outputTokensMax : random.whole(0, Math.min(300, outputTokensMax))
  return { ...noUsage, inputTokens: random.whole(0, 500), outputTokens }
}

function tooMuch(random: SeededRandom, call: ModelCall): Usage {
  return { ...noUsage, inputTokens: 100_000, outputTokens: boundOf(call) + random.whole(0, 1_000) }
}

function boundOf({ outputTokensMax }: ModelCall): number {
  if (outputTokensMax === null) throw new Error('A call without a bound on its output may cost anything.')
  return outputTokensMax
}

function failure(random: SeededRandom, call: ModelCall): ModelError {
  const usage = random.pick([undefined, undefined, fitting(random, call), tooMuch(random, call)])
  const streamedChars = random.pick([0, 0, 40, 1_000_000])
  return new ModelError('provider_overloaded', 'It fails.', { retryable: random.chance(0.8), streamedChars, usage })
}

/** Tools that cost something, take their time, and fail at random; one of them may be repeated. */
export function createRandomTools(random: SeededRandom, clock: FakeClock): Tool[] {
  const perform = async (_input: unknown, { signal }: { readonly signal: AbortSignal }) => {
    await sleep(clock, random.pick([0, 0, 20, 2_000]), signal)
    if (random.chance(0.1)) throw new ToolError('broken', 'It is broken.')
    return 'ok'
  }
  return [
    createScriptedTool('note', perform, { costMicrosUsd: random.pick([0, 40, 5_000]) }),
    createScriptedTool('look', perform, { costMicrosUsd: random.pick([0, 7]), safeToRepeat: true }),
  ]
}
