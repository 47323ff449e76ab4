import type { Answer, DecisionInputs } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { unexamined } from '../content/detectors.ts'
import { findUnder } from '../examine-texts.ts'
import { createPolicyEngine } from './create-policy-engine.ts'
import { redecide } from './what-if.ts'

/** An action as the record has it. */
export interface RecordedAction {
  /** The JSON text of the inputs of its decision. */
  readonly inputs: string
  /** The JSON text of its arguments, with the salt of their content. */
  readonly argumentsText: string
  readonly salt: string
}

/** A recorded action with the decision that another policy would have made. */
export interface RedecidedAction {
  readonly tool: string
  readonly answer: Answer
  readonly rules: readonly string[]
  readonly reason: string
}

/** One for all calls: this runs in a worker, and Cedar is loaded with the first. */
const { evaluate } = createPolicyEngine()

/**
 * Decides recorded actions again under another policy, in their order. What could not be examined when it was decided is not
 * examined now either.
 */
export function redecideAll(candidate: PolicyVersion, actions: readonly RecordedAction[]): RedecidedAction[] {
  return actions.map(({ inputs, argumentsText, salt }) => {
    const recorded: DecisionInputs = JSON.parse(inputs)
    // The guard was given the canonical text, whereas the model's own may hold white space.
    const text = JSON.stringify(JSON.parse(argumentsText))
    const isUnexamined = recorded.findings.some(({ detector }) => detector === unexamined)
    const findings = isUnexamined ? recorded.findings : findUnder(candidate, text, salt)
    const { answer, rules, reason } = redecide(candidate, { ...recorded, findings }, text, evaluate).would
    return { tool: recorded.tool, answer, rules, reason }
  })
}
