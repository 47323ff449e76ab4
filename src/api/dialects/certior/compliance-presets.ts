/** A compliance policy as it is shown. What it forbids and allows is the guard's. */
export interface CompliancePreset {
  readonly key: string
  readonly name: string
  readonly requiredProofs: readonly string[]
  readonly humanApprovals: readonly string[]
  readonly retentionDays: number
}

export const compliancePresets: readonly CompliancePreset[] = [
  { key: 'default', name: 'Default', requiredProofs: [], humanApprovals: [], retentionDays: 365 },
  {
    key: 'hipaa',
    name: 'HIPAA',
    requiredProofs: ['no_phi_external_flow', 'minimum_necessary_access', 'authorized_user_only'],
    humanApprovals: ['send_external_communication', 'export_patient_data', 'data_export'],
    retentionDays: 2190,
  },
  {
    key: 'sox',
    name: 'SOX',
    requiredProofs: ['no_mnpi_leak', 'segregation_of_duties', 'authorized_access_only'],
    humanApprovals: ['send_external_communication', 'modify_financial_records'],
    retentionDays: 2555,
  },
  {
    key: 'legal_privilege',
    name: 'Legal Privilege',
    requiredProofs: ['no_privilege_waiver', 'client_authorized'],
    humanApprovals: ['send_email', 'external_communication', 'document_sharing'],
    retentionDays: 3650,
  },
]

const aliases: Readonly<Record<string, string>> = { legal: 'legal_privilege' }

/** Every word that names a policy in a request. */
export const policyWords: readonly string[] = [...compliancePresets.map(({ key }) => key), ...Object.keys(aliases)]

/** The policy that a request names; undefined for a word that names none. */
export function presetNamed(word: string): CompliancePreset | undefined {
  const key = Object.hasOwn(aliases, word) ? aliases[word] : word
  return compliancePresets.find((preset) => preset.key === key)
}
