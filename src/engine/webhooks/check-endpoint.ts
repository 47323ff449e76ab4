import { isIP } from 'node:net'
import { type FieldError, Refusal } from '../../domain/refusal.ts'
import { isEventPattern } from '../../domain/webhook.ts'
import { isReachableAddress } from '../../tool/public-address.ts'
import type { EngineDeps } from '../engine-deps.ts'

const urlCharsMax = 2_000
const patternsMax = 50

function invalid(field: string, message: string): Refusal {
  const fields: FieldError[] = [{ field, message }]
  return new Refusal('invalid_input', `${field} ${message}.`, { fields })
}

/**
 * Refuses `invalid_input`, naming the field, for a URL that nothing would ever be sent to, as far as its text tells. The
 * addresses of a name are checked at each try.
 */
export function checkEndpointUrl({ webhooks }: Pick<EngineDeps, 'webhooks'>, field: string, text: string): void {
  const url = text.length <= urlCharsMax ? URL.parse(text) : null
  if (url === null || !/^https?:$/u.test(url.protocol)) throw invalid(field, 'must be an http or https URL')
  if (url.username !== '' || url.password !== '') throw invalid(field, 'must not hold a user name or a password')
  const host = url.hostname.replace(/^\[(.*)\]$/u, '$1')
  if (isIP(host) === 0 || isReachableAddress(host, webhooks.allowPrivateNetwork)) return
  const opened = 'the operator opens private networks with MANDATE_ALLOW_PRIVATE_NETWORK=1'
  throw invalid(field, `must lead to the public internet; ${opened}`)
}

/** Refuses `invalid_input` for a pattern that matches no event. */
export function checkEventPatterns(field: string, patterns: readonly string[]): void {
  if (patterns.length === 0 || patterns.length > patternsMax) throw invalid(field, `must be 1 to ${patternsMax} words`)
  const unknown = patterns.find((pattern) => !isEventPattern(pattern))
  if (unknown === undefined) return
  const allowed = 'a kind of event such as run.succeeded, a pattern such as run.*, or *'
  throw invalid(field, `must hold kinds of events only, and ${JSON.stringify(unknown)} is none: ${allowed}`)
}
