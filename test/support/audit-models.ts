import { sleep } from '../../src/clock/clock.ts'
import type { FakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import type { ModelChoice } from '../../src/domain/task.ts'
import { noUsage } from '../../src/domain/usage.ts'
import { type ModelDelta, ModelError, type ModelResponse, type Models } from '../../src/model/model.ts'
import { type Tool, ToolError } from '../../src/tool/tool.ts'
import { createScriptedTool } from './scripted-tool.ts'
import type { SeededRandom } from './seeded-random.ts'

const choice: ModelChoice = { provider: 'random', model: 'random-1', name: 'random', options: {} }
const personal = 'patient 536-22-8765, jo@example.org'
const keyword = 'our unreleased earnings'

/** What a model may want, each time with a mark of its own so that the call can be told from every other. */
function randomCall(random: SeededRandom, mark: string): { tool: string; input: JsonObject } {
  const text = random.pick([mark, mark, `${mark} ${personal}`, `${mark} ${keyword}`, `${mark} \ud800 😀 \u200b`])
  return random.pick([
    { tool: 'note', input: { text } },
    { tool: 'look', input: { text: `${random.pick(['open', 'closed'])}/${mark}` } },
    { tool: 'send', input: { text } },
    { tool: 'mail', input: { text } },
    { tool: 'digits', input: { text: mark, digits: random.pick(['1', '536-22-8765']) } },
    { tool: 'sum', input: { text, of: random.pick([0, -0, 1.5, 1e21, Number.POSITIVE_INFINITY]) } },
    { tool: 'none', input: { text } },
    { tool: 'note', input: { other: text } },
  ])
}

/** A model that says and wants everything that a guard may see, fails, streams and uses more than it may, at random. */
export function createAuditModels(random: SeededRandom, clock: FakeClock, mark: string): Models {
  let calls = 0
  return {
    resolve: () => choice,
    list: () => [],
    priceMicrosUsd: async (_choice, usage) => usage.inputTokens + 3 * usage.outputTokens,
    async *stream(call): AsyncGenerator<ModelDelta, ModelResponse, void> {
      await sleep(clock, random.pick([0, 10, 300, 5_000]), call.signal)
      if (random.chance(0.3)) yield { kind: 'text', text: 'x'.repeat(random.whole(1, 200)) }
      if (random.chance(0.15)) {
        const usage = random.pick([undefined, { ...noUsage, inputTokens: 40, outputTokens: 4 }])
        const streamedChars = random.pick([0, 40])
        throw new ModelError('provider_overloaded', 'It \ud800 fails.', {
          retryable: random.chance(0.8),
          streamedChars,
          usage,
        })
      }
      const toolCalls = Array.from({ length: random.pick([0, 1, 1, 2, 3, 5]) }, () => {
        calls += 1
        return { id: `call-${calls}`, ...randomCall(random, `${mark}-${calls}.`) }
      })
      const inputTokens = random.chance(0.02) ? 10_000_000 : random.whole(0, 200)
      const usage = {
        ...noUsage,
        inputTokens,
        outputTokens: random.whole(0, Math.min(100, call.outputTokensMax ?? 100)),
      }
      const messages = random.chance(0.5) ? null : [{ role: 'assistant', content: 'said' }]
      const said = { text: random.pick(['', 'said']), reasoning: random.pick(['', 'thought']) }
      return { ...said, toolCalls, finish: 'stop', usage, messages }
    },
  }
}

/** Tools with costs, sinks, labels, paths and categories. `begun` is told of each call that begins. */
export function createAuditTools(random: SeededRandom, clock: FakeClock, begun: (input: JsonObject) => void): Tool[] {
  const tool = (name: string, over: Partial<Tool>) =>
    createScriptedTool(
      name,
      async (input, { signal }) => {
        begun(input)
        await sleep(clock, random.pick([0, 0, 20, 2_000, 9_000]), signal)
        if (random.chance(0.1)) throw new ToolError('broken', `It is broken for ${personal}.`)
        return random.pick(['ok', `found ${personal}`, `heard of ${keyword}`, 'x'.repeat(12_000)])
      },
      over,
    )
  const withField = (name: string, schema: JsonObject): Partial<Tool> => ({
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string' }, [name]: schema },
      required: ['text', name],
      additionalProperties: false,
    },
  })
  const facetsOf: Tool['facetsOf'] = (input) => ({ host: null, path: String(input['text']) })
  return [
    tool('note', { costMicrosUsd: 40, access: 'write' }),
    tool('look', { costMicrosUsd: 7, access: 'read', safeToRepeat: true, facetsOf }),
    tool('send', { access: 'send', sinks: ['network'], capabilitiesFor: () => ['test:use', 'test:send'] }),
    tool('mail', { access: 'send', sinks: ['email'], approvalCategories: ['data_export'] }),
    tool('digits', { labels: ['counted'], ...withField('digits', { type: 'string', pattern: '^[0-9-]+$' }) }),
    tool('sum', withField('of', { type: 'number' })),
  ]
}
