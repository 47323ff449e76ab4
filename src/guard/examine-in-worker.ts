import { inspectResult, verifyAction } from './examine-texts.ts'
import { createPolicyEngine } from './policy/create-policy-engine.ts'
import type { ActionToVerify, GuardResult, Inspection, ResultToInspect } from './verify-action.ts'

// The guard's work in a worker. Each worker has its own policy engine, which loads Cedar with the first action.

const { evaluate } = createPolicyEngine()

/** Decides one action in a worker, as `verifyAction` does. */
export function verifyInWorker(action: Omit<ActionToVerify, 'input'>): GuardResult {
  return verifyAction(action, evaluate)
}

/** Inspects one result in a worker, as `inspectResult` does. */
export function inspectInWorker(result: ResultToInspect): Inspection {
  return inspectResult(result)
}
