import { intersectGrants, withoutForbidden } from '../../domain/capability.ts'
import type { Decision, DecisionInputs } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { decideAction } from '../decide-action.ts'
import type { EvaluatePolicy } from './create-policy-engine.ts'

/** The decision that another policy would have made. */
export interface Redecided {
  readonly would: Decision
  /** The inputs that it would have been made from. */
  readonly inputs: DecisionInputs
}

/**
 * Decides a recorded action as if its run had been queued under another policy: its grants are reduced to that policy's
 * ceiling. They are never widened, since other requests are not part of the record. The labels are those of the run,
 * and the findings those of the inputs, which the caller scans anew where the other policy has other keywords.
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
