import type { BlobStore } from '../blob/blob.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { PolicyEngine } from '../guard/policy/create-policy-engine.ts'
import type { RunnerDeps } from '../runner/runner-deps.ts'
import type { Workers } from '../worker-pool/worker-pool.ts'
import type { ReportedFaults } from './platform-faults.ts'
import type { RunningAttempts } from './services/running-attempts.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { SubscribedOutbox } from './webhooks/create-outbox.ts'
import type { WebhookDeps } from './webhooks/webhook-deps.ts'

/** The seams of the engine and what is fixed at the start of the server. Services are made of these; `main` chooses them. */
export interface EngineDeps extends RunnerDeps {
  readonly blobs: BlobStore
  readonly dispatch: Dispatch
  readonly attempts: RunningAttempts
  readonly policies: PolicyEngine
  /** The keys of `notary.keyring` with their private halves. */
  readonly signingKeys: SigningKeys
  readonly outbox: SubscribedOutbox
  readonly faults: ReportedFaults
  readonly webhooks: WebhookDeps
  readonly workers: Workers
  readonly log: Log
}

/** The structured log: a message of a few words, with facts beside it. It never holds contents or secrets. */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}
