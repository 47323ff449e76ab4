import type { Decision, DecisionInputs, Finding } from '../domain/decision.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'

/** One tool call of the model, with everything that is known of it before the guard's own scan. */
export interface ActionToVerify {
  readonly policy: PolicyVersion
  readonly inputs: Omit<DecisionInputs, 'version' | 'findings'>
  readonly input: JsonObject
  /** The canonical JSON of the arguments, as their content holds it. This is scanned. */
  readonly text: string
  /** The salt of the content that holds the arguments. */
  readonly salt: string
}

/** The decision of the guard about an action. */
export interface GuardResult {
  readonly decision: Decision
  /** The inputs of the decision, which are recorded beside it. */
  readonly inputs: DecisionInputs
  /** The arguments with stand-ins where the policy redacts, or undefined where they stay as they are, or were denied. */
  readonly redacted: JsonObject | undefined
}

/** A result of a tool, before the model sees it. */
export interface ResultToInspect {
  readonly policy: PolicyVersion
  readonly output: string
  /** The salt of the content that will hold the result. */
  readonly salt: string
}

/** A result after the guard has inspected it. */
export interface Inspection {
  /** The output that the model may see. */
  readonly output: string
  readonly findings: readonly Finding[]
  /** The labels that the findings add to the run, sorted. */
  readonly labels: readonly string[]
}

/**
 * The guard, which is consulted before every action, and for every result before the model sees it. Its decision is
 * committed before the tool runs.
 */
export interface Guard {
  verify(action: ActionToVerify): Promise<GuardResult>
  inspect(result: ResultToInspect): Promise<Inspection>
}
