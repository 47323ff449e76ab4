import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'
import type { Visibility } from './principal.ts'
import type { PathLabels } from './task.ts'

export const agentStates = ['active', 'paused', 'stopped', 'error'] as const
export type AgentState = (typeof agentStates)[number]

/** How many runs in a row may fail for the agent's own configuration before the agent is set to `error`. */
export const agentFailuresMax = 3

/** A model with instructions, tools and limits, under a name. Changing it never changes a run that was already queued. */
export interface Agent {
  readonly id: string
  /** Unique per server, assigned by the store; 0 before. */
  readonly number: number
  readonly ownerId: string
  readonly teamId: string | null
  readonly visibility: Visibility
  readonly name: string
  readonly description: string
  /** The content that holds the instructions; null for none. */
  readonly instructions: Digest | null
  /** What `provider` and `model` of a submit fall back to; null for the user's, team's or operator's default. */
  readonly provider: string | null
  readonly model: string | null
  readonly tools: readonly string[]
  readonly capabilities: readonly Capability[]
  /** Which labels reading a file brings to a run. */
  readonly pathLabels: readonly PathLabels[]
  /** The policy of its tasks, by name, where a submit names none; null for the server's default. */
  readonly policy: string | null
  readonly timeoutMs: number | null
  readonly stepsMax: number | null
  /** Runs of this agent that may be running at once; null for no limit of its own. */
  readonly concurrencyMax: number | null
  readonly state: AgentState
  /** Runs that failed in a row for the agent's own configuration. */
  readonly failures: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** Not active refuses submits; what is running goes on. */
export function acceptsTasks(agent: Agent): boolean {
  return agent.state === 'active'
}
