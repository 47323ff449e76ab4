import { inspectResult, verifyAction } from './examine-texts.ts'
import { createPolicyEngine } from './policy/create-policy-engine.ts'
import type { ActionToVerify, Inspection, ResultToInspect, Verdict } from './verify-action.ts'

// What a worker does for the guard. Each worker has an engine of its own: Cedar is loaded with the first action.

const { evaluate } = createPolicyEngine()

/** Decides one action in a worker, as `verifyAction` does. */
export function verifyInWorker(action: Omit<ActionToVerify, 'input'>): Verdict {
  return verifyAction(action, evaluate)
}

/** Inspects one result in a worker, as `inspectResult` does. */
export function inspectInWorker(result: ResultToInspect): Inspection {
  return inspectResult(result)
}
