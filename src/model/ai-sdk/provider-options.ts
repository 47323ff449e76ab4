import type { JsonObject } from '../../domain/json.ts'
import type { ProviderSettings, RemoteKind } from '../catalogue.ts'
import { outputTokensUnset } from './answer-meter.ts'

/**
 * What every call to a kind of provider asks for. OpenAI and xAI are told to keep nothing: the journal holds the whole
 * conversation, their encrypted reasoning included. Anthropic is told to cache the prompt, which every next step repeats.
 */
const standing: Partial<Record<RemoteKind, JsonObject>> = {
  anthropic: { cacheControl: { type: 'ephemeral' } },
  openai: { store: false },
  xai: { store: false },
}

/** The options of the catalogue's line, under the name by which the SDK's package looks for its own. */
export function providerOptions(settings: ProviderSettings, options: JsonObject): Record<string, JsonObject> {
  const namespace = settings.kind === 'openai-compatible' ? camelCase(settings.name) : settings.kind
  return { [namespace]: { ...standing[settings.kind], ...options } }
}

/** The limit to ask for where the caller set none: Anthropic has no default of its own, and the SDK's is 128,000. */
export function outputTokensMax(settings: ProviderSettings, asked: number | null): number | undefined {
  if (asked !== null) return asked
  return settings.kind === 'anthropic' ? outputTokensUnset : undefined
}

/** As @ai-sdk/openai-compatible makes it of the provider's name. */
function camelCase(name: string): string {
  return name.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
