import type { PackageSummary } from '../../../proof/package/verify-package.ts'
import { formatCount, formatPlural } from '../../format/format-amount.ts'

/** The contents of a package that verified, as fields for people. */
export function summaryFields(summary: PackageSummary): [string, string | null][] {
  const { contents, statements, signers, sealed_by } = summary
  const away = [counted(contents.purged, 'purged'), counted(contents.private, 'left out')].filter((part) => part !== '')
  return [
    ['task', summary.task],
    ['exported', new Date(summary.exported_at).toISOString()],
    ...summary.runs.map(({ turn, outcome, policy }): [string, string] => [
      `run ${turn}`,
      `${outcome}, under ${policy}`,
    ]),
    ['events', formatCount(summary.events)],
    ['contents', [formatCount(contents.present), ...away].join(', ')],
    ['statements', listed(Object.entries(statements).map(([kind, count]) => formatPlural(count ?? 0, kind)))],
    ['decisions', decisionsOf(summary)],
    ['log', listed(summary.logs.map(({ log_id, size }) => `${log_id} of ${formatCount(size)}`))],
    ['signed by', listed(signers)],
    ['sealed by', sealed_by],
    ['compliant', complianceOf(summary)],
  ]
}

function decisionsOf({ decisions: { rederived, not_rederivable } }: PackageSummary): string {
  const made = `${formatCount(rederived)} made again and the same`
  if (not_rederivable.length === 0) return made
  const reasons = [...new Set(not_rederivable.map(({ because }) => because))]
  return `${made}, ${formatCount(not_rederivable.length)} not (${reasons.join('; ')})`
}

function complianceOf({ attestation }: PackageSummary): string {
  const { compliant, regime, proofs_missing } = attestation
  if (compliant) return `yes, with ${regime}`
  const missing = proofs_missing.map(({ name, because }) => `${name}: ${because}`)
  return `no, not with ${regime}${missing.length === 0 ? '' : ` (${missing.join('; ')})`}`
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${formatCount(count)} ${what}`
}

function listed(words: readonly string[]): string | null {
  return words.length === 0 ? null : words.join(', ')
}
