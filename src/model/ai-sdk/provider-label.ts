import type { ProviderSettings } from '../catalogue.ts'

/**
 * The name of a provider in errors: `the provider local (http://127.0.0.1:11434/v1)`. Without a configured address it
 * is the one that was requested. User names, passwords and queries are left out, since they may hold keys.
 */
export function providerLabel({ name, baseUrl }: Pick<ProviderSettings, 'name' | 'baseUrl'>, requested?: URL): string {
  const base = baseUrl === null ? null : URL.parse(baseUrl)
  if (base !== null) return `the provider ${name} (${originOf(base)}${base.pathname.replace(/\/+$/u, '')})`
  return requested === undefined ? `the provider ${name}` : `the provider ${name} (${originOf(requested)})`
}

/** The scheme, host and port of a URL. */
export function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`
}

/** The label at the beginning of a sentence. */
export function capitalized(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1)
}
