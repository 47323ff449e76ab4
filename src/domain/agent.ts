import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'
import type { Visibility } from './principal.ts'
import type { PathLabels } from './task.ts'

/** The states of an agent. Only an active one accepts tasks. */
export const agentStates = ['active', 'paused', 'stopped', 'error'] as const
/** The state of an agent. */
export type AgentState = (typeof agentStates)[number]

/**
 * The number of successive runs that may fail because of the agent's own configuration before its state becomes
 * `error`.
 */
export const agentFailuresMax = 3

/** A model with instructions, tools and limits, under a name. A change never affects a run that was already queued. */
export interface Agent {
  readonly id: string
  /** The number of the agent, which is unique on the server. The store assigns it; it is 0 before. */
  readonly number: number
  readonly ownerId: string
  readonly teamId: string | null
  readonly visibility: Visibility
  readonly name: string
  readonly description: string
  /** The content that holds the instructions, or null. */
  readonly instructions: Digest | null
  /**
   * The provider of its tasks where a submit names none, or null for the default of the user, the team or the operator.
   * The same holds for `model`.
   */
  readonly provider: string | null
  readonly model: string | null
  readonly tools: readonly string[]
  readonly capabilities: readonly Capability[]
  /** The labels that a run takes on by reading files. */
  readonly pathLabels: readonly PathLabels[]
  /** The name of the policy of its tasks where a submit names none, or null for the server's default. */
  readonly policy: string | null
  readonly timeoutMs: number | null
  readonly stepsMax: number | null
  /** The number of its runs that may be running at once, or null for no limit of its own. */
  readonly concurrencyMax: number | null
  readonly state: AgentState
  /** The number of successive runs that failed because of the agent's own configuration. */
  readonly failures: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** Whether the agent accepts tasks. One that is not active refuses submits, and its running tasks continue. */
export function acceptsTasks(agent: Agent): boolean {
  return agent.state === 'active'
}

const whyNot: Readonly<Record<AgentState, string>> = {
  active: 'takes tasks',
  paused: 'is paused and takes no new tasks',
  stopped: 'is stopped and takes no new tasks',
  error: 'takes no new tasks: its last ones failed as it is set up',
}

/** Why a task is refused that is for an agent which is not active, as a sentence for the caller. */
export function takesNoTasks({ name, state }: Pick<Agent, 'name' | 'state'>): string {
  return `The agent ${name} ${whyNot[state]}.`
}
