import type { BlobStore } from '../blob/blob.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { PolicyEngine } from '../guard/policy/create-policy-engine.ts'
import type { RunnerDeps } from '../runner/runner-deps.ts'
import type { LogKeeper } from './log-keeper.ts'
import type { ReportedFaults } from './platform-faults.ts'
import type { RunDispatcher } from './run-dispatcher.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { SubscribedOutbox } from './webhooks/create-outbox.ts'
import type { WebhookDeps } from './webhooks/webhook-deps.ts'

/** What every command, query and service works with; `main` puts it together. */
export interface ServerDeps extends RunnerDeps {
  readonly blobs: BlobStore
  readonly dispatch: Dispatch
  readonly dispatcher: RunDispatcher
  readonly policies: PolicyEngine
  /** What `notary.keyring` shows, with the private halves. */
  readonly signingKeys: SigningKeys
  readonly logKeeper: LogKeeper
  readonly outbox: SubscribedOutbox
  readonly faults: ReportedFaults
  readonly webhooks: WebhookDeps
  readonly log: Log
}

/** Structured logging: what happened in a few words, facts beside it. Never contents, never secrets. */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}
