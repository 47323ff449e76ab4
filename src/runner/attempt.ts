import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import type { TerminalState } from '../domain/run-state.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { RunConfig } from '../domain/task.ts'
import type { Store } from '../store/store.ts'
import type { Workspace } from '../tool/tool.ts'
import type { AttemptControl } from './attempt-control.ts'
import type { AttemptJournal, Batch } from './attempt-journal.ts'
import type { Conversation } from './conversation.ts'
import type { CallPlan } from './plan-call.ts'
import type { RunnerDeps } from './runner-deps.ts'

/** What an attempt starts from. */
export interface PreparedRun {
  /** As the journal stood at the claim. */
  readonly conversation: Conversation
  readonly instructions: string | null
  /** What the claim has reserved for the first step, where it started that too. */
  readonly firstCall?: CallPlan | undefined
}

/** A run that was claimed by this process, as the store has it. */
export interface ClaimedRun extends PreparedRun {
  readonly snapshot: TaskSnapshot
}

/** One attempt at a run, as the parts of the runner share it. */
export interface Attempt {
  readonly deps: RunnerDeps
  readonly journal: AttemptJournal
  readonly control: AttemptControl
  readonly conversation: Conversation
  readonly instructions: string | null
  /** The version that the run was queued under. */
  readonly policy: PolicyVersion
  workspace: Promise<Workspace> | undefined
}

/** How an attempt ended, seen from the engine. `configuration`: the agent's own settings made the run fail. */
export type AttemptEnd =
  | { readonly kind: 'ended'; readonly state: TerminalState; readonly configuration: boolean }
  | { readonly kind: 'paused' | 'handed_back' | 'superseded' }

/**
 * What the generator hands to the runner to commit.
 * `boundary`: nothing is under way, and the attempt may stop after it. `onlyIfUnchanged`: the yield is answered with false,
 * and nothing was written, where others have appended to the journal (`syncJournal` reads that) or the budget does not hold
 * what the events reserve.
 */
export interface CommitRequest extends Batch {
  readonly boundary?: boolean | undefined
  readonly onlyIfUnchanged?: boolean | undefined
}

/** What was done and is not committed yet: it goes with whatever is committed next. */
export interface Pending {
  readonly events: NewEvent[]
  readonly contents: Content[]
  readonly statements: SignedStatement[]
}

export function nothingPending(): Pending {
  return { events: [], contents: [], statements: [] }
}

export type RunSteps<T> = AsyncGenerator<CommitRequest, T, boolean>

/** The agent's instructions, where there are any, and what is held back from the run. */
export async function readInstructions(
  store: Pick<Store, 'readContents'>,
  { instructions, notice }: Pick<RunConfig, 'instructions' | 'notice'>,
): Promise<string | null> {
  const contents = instructions === null ? undefined : await store.readContents([instructions])
  const body = contents?.get(instructions ?? '')?.body
  const texts = [body, notice].filter((text) => typeof text === 'string')
  return texts.length === 0 ? null : texts.join('\n\n')
}
