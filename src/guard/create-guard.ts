import type { Finding } from '../domain/decision.ts'
import type { PolicyVersion } from '../domain/policy.ts'
import { isRefusal } from '../domain/refusal.ts'
import { digestContent } from '../proof/digests.ts'
import { type WorkerPool, workerJob } from '../worker-pool/worker-pool.ts'
import { detectorsVersion, unexamined } from './content/detectors.ts'
import { decideAction } from './decide-action.ts'
import { dependsOnFindings, inspectResult, labelsOf, verifyAction } from './examine-texts.ts'
import type { EvaluatePolicy } from './policy/create-policy-engine.ts'
import type { ActionToVerify, Guard, GuardResult, Inspection, ResultToInspect } from './verify-action.ts'

const module = new URL('./examine-in-worker.ts', import.meta.url)
const verifyJob = workerJob<typeof import('./examine-in-worker.ts').verifyInWorker>(module, 'verifyInWorker')
const inspectJob = workerJob<typeof import('./examine-in-worker.ts').inspectInWorker>(module, 'inspectInWorker')

/**
 * Creates the guard. It scans the arguments of a call, decides by the findings and the known facts, and scans the
 * result. It keeps nothing between calls, and the same inputs give the same decision.
 */
export function createGuard(evaluate: EvaluatePolicy, workers: Pick<WorkerPool, 'run'>): Guard {
  return {
    async verify(action) {
      const { input: _same, ...given } = action
      if (!mayTakeLong(action.policy, action.text)) return verifyAction(given, evaluate)
      try {
        return await workers.run(verifyJob, [given])
      } catch (error) {
        if (!isRefusal(error, 'limit_exceeded')) throw error
        return denyUnexamined(given, evaluate)
      }
    },
    async inspect(result) {
      const { policy, output } = result
      if (!dependsOnFindings(policy)) return { output, findings: [], labels: [] }
      if (!mayTakeLong(policy, output)) return inspectResult(result)
      try {
        return await workers.run(inspectJob, [result])
      } catch (error) {
        if (!isRefusal(error, 'limit_exceeded')) throw error
        return withhold(result)
      }
    },
  }
}

/** The characters that are scanned on the event loop. The worst text of this length takes some 50 ms. */
const charsMax = 16 * 1024
/**
 * The comparisons on the event loop, since a pattern of a rule may compare each of its characters with each of the
 * arguments'.
 */
const comparisonsMax = 16 * 1024 * 1024
/** Matches Cedar text that names the findings, or may do so by an escape. */
const readsArguments = /arguments|\\/u

/**
 * Whether the examination may take long, by the length of the text and of the policy: its keywords are read anew and
 * its rules loaded at any call.
 */
export function mayTakeLong({ document, cedar }: PolicyVersion, text: string): boolean {
  const keywordChars = document.content.blocked_keywords.reduce((sum, keyword) => sum + keyword.length, 0)
  if (text.length + keywordChars + cedar.length > charsMax) return true
  return text.length * cedar.length > comparisonsMax && readsArguments.test(cedar)
}

/**
 * Denies an action that was not examined. It is decided from inputs that say why, so that the decision can be made
 * again with the same result.
 */
function denyUnexamined(
  { policy, inputs, text, salt }: Omit<ActionToVerify, 'input'>,
  evaluate: EvaluatePolicy,
): GuardResult {
  const recorded = { ...inputs, version: 1 as const, findings: [unexaminedFinding(text, salt)] }
  return { decision: decideAction(policy, recorded, text, evaluate), inputs: recorded, redacted: undefined }
}

function withhold({ policy, output, salt }: ResultToInspect): Inspection {
  const findings = [unexaminedFinding(output, salt)]
  const withheld = '[withheld: this result could not be examined within the limits of the server]'
  return { output: withheld, findings, labels: labelsOf(policy, findings) }
}

/** The whole text as one finding, of a kind that no policy overlooks. */
function unexaminedFinding(text: string, salt: string): Finding {
  const digest = digestContent(salt, text)
  return { detector: unexamined, version: detectorsVersion, start: 0, end: text.length, digest, encodings: [] }
}
