import type { ProviderSettings } from '../catalogue.ts'

/**
 * How errors name a provider: `the provider local (http://127.0.0.1:11434/v1)`. Where no address was configured it is the
 * one that was asked. User names, passwords and queries of an address are left out: keys stand in them.
 */
export function providerLabel({ name, baseUrl }: Pick<ProviderSettings, 'name' | 'baseUrl'>, requested?: URL): string {
  const base = baseUrl === null ? null : URL.parse(baseUrl)
  if (base !== null) return `the provider ${name} (${originOf(base)}${base.pathname.replace(/\/+$/u, '')})`
  return requested === undefined ? `the provider ${name}` : `the provider ${name} (${originOf(requested)})`
}

/** Scheme, host and port. */
export function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`
}

/** The label where it begins a sentence. */
export function capitalized(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1)
}
