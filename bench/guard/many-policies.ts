import { type Access, accesses } from '../../src/domain/decision.ts'
import type { PolicyVersion } from '../../src/domain/policy.ts'
import { digestPolicy } from '../../src/proof/digests.ts'
import { builtinPolicy } from '../../test/support/test-policies.ts'

/** What conditions of rules ask for, one after the other; none of them holds for the measured calls. */
const conditions = [
  (n: number) => `context.arguments like "*forbidden-${n}*"`,
  (n: number) => `context has host && context.host == "host-${n}.example"`,
  (n: number) => `context has path && context.path like "secret-${n}/*"`,
  (n: number) => `context.labels.contains("label-${n}") && context.sinks.contains("network")`,
  (n: number) => `context.cost_micros_usd > ${1_000_000 + n}`,
  (n: number) => `context.findings.contains("secret:vendor-${n}") && principal.role == "viewer"`,
]

/** Each rule speaks of one access, going round them, or of all of them. */
export type Scopes = 'one_access' | 'every_access'

/**
 * Versions of policies with so many Cedar rules each: one permits, the others forbid what the calls do not do. All of them have
 * texts scanned as `hipaa` does.
 */
export function manyPolicies(versions: number, rules: number, scopes: Scopes): PolicyVersion[] {
  return Array.from({ length: versions }, (_, version) => {
    const cedar = Array.from({ length: rules }, (_, rule) => ruleText(version, rule, scopes)).join('\n')
    const document = { ...builtinPolicy('hipaa').document, name: `bench_${scopes}_${version}`, closed_sinks: {} }
    return { document, cedar, digest: digestPolicy({ document, cedar }) }
  })
}

function ruleText(version: number, rule: number, scopes: Scopes): string {
  if (rule === 0) return '@id("permit_all") permit (principal, action, resource);'
  const access: Access = accesses[rule % accesses.length] ?? 'other'
  const action = scopes === 'one_access' ? `action == Action::"${access}"` : 'action'
  const condition = conditions[Math.floor(rule / accesses.length) % conditions.length] ?? conditions[0]
  return `@id("rule_${rule}") forbid (principal, ${action}, resource) when { ${condition?.(version * 1_000 + rule)} };`
}
