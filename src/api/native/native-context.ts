import type { DialectApp, EdgeContext } from '../edge/define-dialect.ts'
import type { Metrics } from '../metrics.ts'

/** The dependencies of the native routes. */
export interface NativeContext extends EdgeContext {
  readonly pepper: Uint8Array
  readonly metrics: Metrics
}

/** A Fastify instance whose requests have the types of their schemas. */
export type NativeApp = DialectApp
