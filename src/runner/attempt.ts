import type { Content } from '../domain/content.ts'
import type { NewEvent } from '../domain/event.ts'
import type { TaskSnapshot } from '../domain/evolve.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import type { TerminalState } from '../domain/run-state.ts'
import type { SignedStatement } from '../domain/statement.ts'
import type { RunConfig } from '../domain/task.ts'
import type { Workspace } from '../tool/tool.ts'
import type { AttemptControl } from './attempt-control.ts'
import type { AttemptJournal, Batch } from './attempt-journal.ts'
import type { Conversation } from './conversation.ts'
import type { CallPlan } from './plan-call.ts'
import type { RunnerRooms } from './runner-rooms.ts'

/** What an attempt starts from. */
export interface PreparedRun {
  /** As the journal stood at the claim. */
  readonly conversation: Conversation
  readonly instructions: string | null
  /** The claim has started the first step too, and reserved this for it. */
  readonly begun?: CallPlan
}

/** A run that was claimed by this process, as the store has it. */
export interface ClaimedRun extends PreparedRun {
  readonly snapshot: TaskSnapshot
}

/** A call of the model of which only the reservation is in the journal. */
export interface UnmadeCall extends CallPlan {
  readonly step: number
  readonly tryNumber: number
}

/** One attempt on its way, as the parts of the runner share it. */
export interface Attempt {
  readonly rooms: RunnerRooms
  readonly journal: AttemptJournal
  readonly control: AttemptControl
  readonly conversation: Conversation
  readonly instructions: string | null
  /** The version that the run was queued under. */
  readonly policy: PolicyVersion
  /** The call that is started and reserved for, and was not made yet: by the claim, or between two tries. */
  unmade: UnmadeCall | undefined
  workspace: Promise<Workspace> | undefined
}

/** How an attempt ended, seen from the engine. `configuration`: the agent's own settings made the run fail. */
export type AttemptEnd =
  | { readonly kind: 'ended'; readonly state: TerminalState; readonly configuration: boolean }
  | { readonly kind: 'paused' | 'handed_back' | 'superseded' }

/**
 * What the generator hands to the runner to commit.
 * `boundary`: nothing is open, the attempt may stop after it. `onlyIfUnchanged`: the answer to the yield is false, and
 * nothing was written, when somebody else has appended to the journal (`syncJournal` reads it) or what it reserves is not there.
 */
export interface Yielded extends Batch {
  readonly boundary?: boolean
  readonly onlyIfUnchanged?: boolean
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

export type RunSteps<T> = AsyncGenerator<Yielded, T, boolean>

/** The agent's instructions, where there are any, and what is held back from the run. */
export async function readInstructions(
  rooms: RunnerRooms,
  { instructions, notice }: Pick<RunConfig, 'instructions'> & Partial<Pick<RunConfig, 'notice'>>,
): Promise<string | null> {
  const contents = instructions === null ? undefined : await rooms.store.readContents([instructions])
  const body = contents?.get(instructions ?? '')?.body
  const texts = [body, notice].filter((text) => typeof text === 'string')
  return texts.length === 0 ? null : texts.join('\n\n')
}
