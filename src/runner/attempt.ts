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

/** The conversation and instructions that an attempt starts from. */
export interface PreparedRun {
  /** The fold of the journal as it stood at the claim. */
  readonly conversation: Conversation
  readonly instructions: string | null
  /** The plan of the first step's call, where the claim has started that step and reserved for it. */
  readonly firstCall?: CallPlan | undefined
}

/** A run that this process has claimed, with its rows as the claim left them. */
export interface ClaimedRun extends PreparedRun {
  readonly snapshot: TaskSnapshot
}

/** One attempt at a run: its journal, its control and its conversation, shared by all functions of the runner. */
export interface Attempt {
  readonly deps: RunnerDeps
  readonly journal: AttemptJournal
  readonly control: AttemptControl
  readonly conversation: Conversation
  readonly instructions: string | null
  /** The policy version that the run was queued under. A later version does not apply to it. */
  readonly policy: PolicyVersion
  /** Opened at the first use by a tool, and kept for the attempt. */
  workspace: Promise<Workspace> | undefined
}

/**
 * The end of an attempt, as the engine sees it. `configuration` says that the agent's own settings made the run fail, which
 * counts towards the agent's error state.
 */
export type AttemptEnd =
  | { readonly kind: 'ended'; readonly state: TerminalState; readonly configuration: boolean }
  | { readonly kind: 'waiting' | 'paused' | 'handed_back' | 'superseded' }

/**
 * A batch that the generator of a run yields to be committed, with the conditions of the commit.
 * - `boundary`: nothing is under way, and the attempt may stop after the commit.
 * - `onlyIfUnchanged`: the yield is answered with false, and nothing was written, where others have appended to the journal
 *   (`syncJournal` reads that) or the budget does not hold what the events reserve.
 */
export interface CommitRequest extends Batch {
  readonly boundary?: boolean | undefined
  readonly onlyIfUnchanged?: boolean | undefined
}

/**
 * Events, contents and statements that are decided and not committed yet. They go into the next commit, so that a step costs
 * few of them.
 */
export interface Pending {
  readonly events: NewEvent[]
  readonly contents: Content[]
  readonly statements: SignedStatement[]
}

/** Makes an empty list of pending writes. */
export function nothingPending(): Pending {
  return { events: [], contents: [], statements: [] }
}

/** Joins pending writes that go into one commit, in this order. */
export function joinPending(first: Pending, second: Pending): Pending {
  return {
    events: [...first.events, ...second.events],
    contents: [...first.contents, ...second.contents],
    statements: [...first.statements, ...second.statements],
  }
}

/**
 * The generator that a run is driven by: it yields batches, is answered with whether each was committed, and returns its
 * result. The answer false is possible only after `onlyIfUnchanged`.
 */
export type RunSteps<T> = AsyncGenerator<CommitRequest, T, boolean>

/**
 * Reads the agent's instructions and adds the notice of what is held back from the run. Answers null where there is neither.
 */
export async function readInstructions(
  store: Pick<Store, 'readContents'>,
  { instructions, notice }: Pick<RunConfig, 'instructions' | 'notice'>,
): Promise<string | null> {
  const body = instructions === null ? null : (await store.readContents([instructions])).get(instructions)?.body
  const texts = [body, notice].filter((text) => typeof text === 'string')
  return texts.length === 0 ? null : texts.join('\n\n')
}
