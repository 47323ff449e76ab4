import { readableText } from '../../domain/content.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Prompt } from '../../domain/prompt.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** Reads what a prompt asks, with `schema`, the JSON Schema of a valid answer. Undefined once it is purged. */
export async function readPayload(
  { store }: Pick<EngineDeps, 'store'>,
  { payload }: Prompt,
): Promise<JsonObject | undefined> {
  const text = readableText((await store.readContents([payload])).get(payload))
  return text === undefined ? undefined : (JSON.parse(text) as JsonObject) // The runner wrote it.
}
