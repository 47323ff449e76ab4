import type { JsonObject, JsonValue } from '../../src/domain/json.ts'
import type { FieldError } from '../../src/domain/refusal.ts'
import type { ConversationMessage, ModelCall, ModelDelta, ModelResponse, ToolOffer } from '../../src/model/model.ts'

const readFileOffer: ToolOffer = {
  name: 'read_file',
  description: 'Reads a file.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
}

export function modelCall(
  provider: string,
  model: string,
  messages: string | readonly ConversationMessage[],
  change: Partial<ModelCall> & { readonly options?: JsonObject } = {},
): ModelCall {
  const { options = {}, ...rest } = change
  return {
    choice: { provider, model, name: null, options },
    instructions: 'Be brief.',
    messages: typeof messages === 'string' ? [{ role: 'user', text: messages }] : messages,
    tools: [readFileOffer],
    outputTokensMax: null,
    timeouts: { firstByteMs: 10_000, idleMs: 20_000, totalMs: 60_000 },
    signal: new AbortController().signal,
    ...rest,
  }
}

/** Reads a call to its end. */
export async function collectCall(
  stream: AsyncGenerator<ModelDelta, ModelResponse, void>,
): Promise<{ deltas: ModelDelta[]; response: ModelResponse }> {
  const deltas: ModelDelta[] = []
  for (;;) {
    const next = await stream.next()
    if (next.done === true) return { deltas, response: next.value }
    deltas.push(next.value)
  }
}

/** Enough of a JSON Schema check for the schema of `readFileOffer`. */
export function checkPathInput(_schema: JsonValue, value: unknown): FieldError[] {
  const fits = typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string'
  return fits ? [] : [{ field: 'path', message: 'must be string' }]
}

/** Resolves once the condition holds, looking again after each turn of the event loop; fails when it never does. */
export async function eventually(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 100_000) throw new Error('what was waited for never came')
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
