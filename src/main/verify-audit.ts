import { decideAction } from '../guard/decide-action.ts'
import { createPolicyEngine } from '../guard/policy/create-policy-engine.ts'
import type { Redecide } from '../proof/package/check-decisions.ts'
import { type Verification, verifyPackage } from '../proof/package/verify-package.ts'

/** Checks an audit package without a server; `pinned` are key ids and public keys (base64) that are trusted. */
export function verifyAudit(bytes: Uint8Array, pinned: readonly string[]): Promise<Verification> {
  return verifyPackage(bytes, { pinned, redecide: createRedecide() })
}

/** Decides once more from what was recorded, by the guard itself. */
function createRedecide(): Redecide {
  const { evaluate } = createPolicyEngine()
  return async (version, inputs, argumentsText) => decideAction(version, inputs, argumentsText, evaluate)
}
