import type { Decision, DecisionInputs, Finding } from '../domain/decision.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyVersion } from '../domain/policy.ts'

/** One tool call that the model wants, with all that is known of it but what the guard itself finds out. */
export interface ActionToVerify {
  readonly policy: PolicyVersion
  readonly inputs: Omit<DecisionInputs, 'version' | 'findings'>
  readonly input: JsonObject
  /** The canonical JSON of the input, as the content holds it: what is scanned. */
  readonly text: string
  /** Of the content that holds the arguments. */
  readonly salt: string
}

export interface Verdict {
  readonly decision: Decision
  /** What the decision was made from: recorded beside it. */
  readonly inputs: DecisionInputs
  /** The arguments with stand-ins for what the policy has redacted; undefined where they stay as they are. */
  readonly redacted: JsonObject | undefined
}

export interface ResultToInspect {
  readonly policy: PolicyVersion
  readonly output: string
  /** Of the content that will hold the result. */
  readonly salt: string
}

export interface Inspection {
  /** As the model may see it. */
  readonly output: string
  readonly findings: readonly Finding[]
  /** That the findings bring to the run, sorted. */
  readonly labels: readonly string[]
}

/** Asked before every action, and of every result before the model sees it. Its answer is committed before the tool runs. */
export interface Guard {
  verify(action: ActionToVerify): Promise<Verdict>
  inspect(result: ResultToInspect): Promise<Inspection>
}
