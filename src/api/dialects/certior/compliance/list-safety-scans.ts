import type { Digest } from '../../../../domain/content.ts'
import type { Finding } from '../../../../domain/decision.ts'
import type { ContentRule, PolicyVersion } from '../../../../domain/policy.ts'
import { ruleFor } from '../../../../guard/content/apply-findings.ts'
import { dependsOnFindings } from '../../../../guard/examine-texts.ts'
import type { TextOf } from '../../../../proof/package/packaged-content.ts'
import { readInputs } from '../../../../proof/package/read-inputs.ts'
import type { ActionRecord, TaskRecord } from '../../../../proof/package/task-record.ts'
import { instantOf } from '../../../edge/instants.ts'
import type { SafetyScan } from '../contract/compliance.ts'

/** Lists each scan whose findings the record still has. */
export function listSafetyScans(
  { actions }: TaskRecord,
  policies: ReadonlyMap<Digest, PolicyVersion>,
  textOf: TextOf,
): SafetyScan[] {
  return actions.flatMap((action) => {
    const policy = policies.get(action.run.config.policy.digest)
    if (policy === undefined || !dependsOnFindings(policy)) return []
    return [...scanOfArguments(action, policy, textOf), ...scanOfResult(action, policy, textOf)]
  })
}

function scanOfArguments(action: ActionRecord, policy: PolicyVersion, textOf: TextOf): SafetyScan[] {
  const read = action.decision === undefined ? undefined : readInputs(action, textOf)
  if (read === undefined || !('inputs' in read)) return []
  return [scan(action, 'arguments', read.inputs.at, read.inputs.findings, policy)]
}

/** Shows the scans of a result. An event without findings means that the scan found nothing in a performed call. */
function scanOfResult(action: ActionRecord, policy: PolicyVersion, textOf: TextOf): SafetyScan[] {
  const { decision, settled } = action
  if (decision?.event.facts.answer !== 'allow' || settled === undefined) return []
  if (settled.facts.outcome !== 'settled' && settled.facts.outcome !== 'failed') return []
  const digest = settled.contents['findings']
  if (digest === undefined) return [scan(action, 'result', settled.at, [], policy)]
  const found = textOf(digest)
  if ('gone' in found) return []
  return [scan(action, 'result', settled.at, JSON.parse(found.text) as Finding[], policy)] // written by the runner
}

const handlings: Readonly<Record<ContentRule, string>> = { allow: 'none', redact: 'redacted', block: 'blocked' }

function scan(
  { requested: { facts } }: ActionRecord,
  scanned: SafetyScan['scanned'],
  at: number,
  found: readonly Finding[],
  { document }: PolicyVersion,
): SafetyScan {
  const detectors = [...new Set(found.map(({ detector }) => detector))].sort()
  return {
    timestamp: instantOf(at),
    tool_call_id: facts.action,
    tool: facts.tool,
    scanned,
    findings: detectors.map((detector) => {
      const ofDetector = found.filter((finding) => finding.detector === detector)
      return {
        detector,
        version: ofDetector[0]?.version ?? 0,
        count: ofDetector.length,
        encodings: [...new Set(ofDetector.flatMap(({ encodings }) => encodings))].sort(),
        handling: handlings[ruleFor(detector, document.content)],
      }
    }),
  }
}
