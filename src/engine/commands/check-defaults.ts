import type { ServerDeps } from '../server-deps.ts'
import { withinLimit } from '../within-limit.ts'
import { blankName } from './agent-settings.ts'

export interface DefaultModel {
  readonly defaultProvider?: string | null
  readonly defaultModel?: string | null
}

/** Refuses a blank or long name and a default model that could not be called. */
export function checkDefaults(deps: ServerDeps, who: DefaultModel & { readonly name: string }): void {
  if (who.name.trim() === '') throw blankName()
  withinLimit(deps.limits, 'name_chars_max', 'name', who.name.length)
  const { defaultProvider: provider = null, defaultModel: model = null } = who
  if (provider || (model && model !== 'auto')) deps.models.resolve([{ provider, model }])
}
