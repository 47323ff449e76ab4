import { noUsage } from '../../src/domain/usage.ts'
import type { ModelDelta, ModelResponse, Models } from '../../src/model/model.ts'
import { createScriptedModels } from './scripted-models.ts'

/** A model that says what a test pushes, when it is pushed; `end` ends the call that is under way. */
export function createPushedModels() {
  let waiting: (ModelDelta | 'end')[] = []
  let wake: () => void = () => undefined
  const models: Models = {
    ...createScriptedModels([]),
    async *stream({ signal }): AsyncGenerator<ModelDelta, ModelResponse, void> {
      signal.addEventListener('abort', () => wake(), { once: true })
      let text = ''
      for (;;) {
        const next = waiting.shift()
        if (next === 'end') {
          const usage = { ...noUsage, inputTokens: 1, outputTokens: 1 }
          return { text, reasoning: '', toolCalls: [], finish: 'stop', usage, messages: null }
        }
        if (next !== undefined) {
          text += next.text
          yield next
          continue
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        signal.throwIfAborted()
      }
    },
  }
  const push = (part: ModelDelta | 'end') => {
    waiting = [...waiting, part]
    wake()
  }
  return {
    models,
    say: (text: string) => push({ kind: 'text', text }),
    end: () => push('end'),
  }
}
