import type { Decision, DecisionInputs } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { intersectGrants, withoutForbidden } from '../capability-sets.ts'
import { decideAction } from '../decide-action.ts'
import type { EvaluatePolicy } from './create-policy-engine.ts'

export interface Redecided {
  readonly would: Decision
  /** What the decision would have been made from. */
  readonly inputs: DecisionInputs
}

/**
 * Decides a recorded action as if its run had been queued under another policy: its grants are cut to that policy's ceiling. They
 * are never widened: what else was asked for is not part of the record. Labels are those that the run had; findings those
 * of the inputs, which the caller scans anew where the other policy has other keywords.
 */
export function redecide(
  candidate: PolicyVersion,
  recorded: DecisionInputs,
  argumentsText: string,
  evaluate: EvaluatePolicy,
): Redecided {
  const { document, digest } = candidate
  const cut = intersectGrants(recorded.granted, document.ceiling)
  const inputs: DecisionInputs = {
    ...recorded,
    policy: { name: document.name, digest },
    granted: withoutForbidden(cut, document.forbidden),
  }
  return { would: decideAction(candidate, inputs, argumentsText, evaluate), inputs }
}
