import type { JsonObject } from '../../domain/json.ts'
import type { ProviderSettings, RemoteKind } from '../catalogue.ts'
import { outputTokensUnset } from './answer-meter.ts'

/**
 * The options of every call to a kind of provider. OpenAI and xAI are asked to store nothing: the journal holds the
 * whole conversation with their encrypted reasoning. Anthropic is asked to cache the prompt, which every further step
 * repeats.
 */
const standing: Partial<Record<RemoteKind, JsonObject>> = {
  anthropic: { cacheControl: { type: 'ephemeral' } },
  openai: { store: false },
  xai: { store: false },
}

/** The options of the catalogue's line, under the name by which the SDK's package finds its own. */
export function providerOptions(settings: ProviderSettings, options: JsonObject): Record<string, JsonObject> {
  const namespace = settings.kind === 'openai-compatible' ? camelCase(settings.name) : settings.kind
  return { [namespace]: { ...standing[settings.kind], ...options } }
}

/** The limit to request where the caller set none: Anthropic has no default of its own, and the SDK's is 128,000. */
export function outputTokensMax(settings: ProviderSettings, asked: number | null): number | undefined {
  if (asked !== null) return asked
  return settings.kind === 'anthropic' ? outputTokensUnset : undefined
}

/** The provider's name as @ai-sdk/openai-compatible converts it. */
function camelCase(name: string): string {
  return name.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
