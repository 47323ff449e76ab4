import type { Clock } from '../clock/clock.ts'
import type { Limits } from '../domain/limits.ts'
import type { Randomness } from '../domain/randomness.ts'
import type { Guard } from '../guard/verify-action.ts'
import type { AttemptNotifier } from '../journal/commit-events.ts'
import type { Outbox } from '../journal/outbox.ts'
import type { Live } from '../live/live.ts'
import type { Models } from '../model/model.ts'
import type { Notary } from '../signer/signer.ts'
import type { Store } from '../store/store.ts'
import type { Tool, Workspaces } from '../tool/tool.ts'
import type { Wakeup } from '../wakeup/wakeup.ts'

/** The seams and services that the runner works with. `main` hands them in. */
export interface RunnerDeps {
  readonly store: Store
  readonly wakeup: Wakeup
  readonly live: Live
  readonly models: Models
  readonly tools: ReadonlyMap<string, Tool>
  readonly workspaces: Workspaces
  readonly guard: Guard
  readonly notary: Notary
  readonly clock: Clock
  readonly randomness: Randomness
  readonly limits: Limits
  /** The model keys that came with a task, by run. They stand in memory only, and a restart loses them. */
  readonly runKeys: Map<string, string>
  readonly outbox: Outbox
  readonly attempts: AttemptNotifier
  readonly faults: PlatformFaults
}

/** Collects the faults of the server's platform that runs wait for. Health and the log tell the operator of them. */
export interface PlatformFaults {
  /** Tells that something waits because of this fault. Call the returned function when it waits no more. */
  report(problem: string): () => void
}
