import { secretRuleNames } from './secret-rules.ts'

/** What detectors are for; policies speak of detectors by these too. What weighs more comes later. */
export const detectorGroups = ['personal_data', 'secret', 'keyword', 'evasion'] as const
export type DetectorGroup = (typeof detectorGroups)[number]

/** Of all rules of this folder together: raised with every change of what is found, so that a record says by which rules it was made. */
export const detectorsVersion = 3

/** The version of secretlint's preset that this one was made with: another one may find something else, and so raises it. */
export const presetVersion = '13.0.7'

const personalData = ['ssn', 'mrn', 'credit_card', 'phone', 'email', 'ip'] as const

/** Text that stays encoded deeper, or decodes to more, than is looked into. */
export const encodedTooDeep = 'encoded_too_deep'

/** Text that nobody looked at, since that would have taken more than the guard may use. No rule finds it: the guard says it. */
export const unexamined = 'unexamined'

export const detectorNames: readonly string[] = [
  ...personalData,
  ...secretRuleNames.map((name) => `secret:${name}`),
  'keyword',
  encodedTooDeep,
]

const personalDataNames: ReadonlySet<string> = new Set(personalData)

/** The group of a detector; a detector that is not known counts as evasion, so that no policy overlooks it. */
export function groupOf(detector: string): DetectorGroup {
  if (personalDataNames.has(detector)) return 'personal_data'
  if (detector.startsWith('secret:')) return 'secret'
  return detector === 'keyword' ? 'keyword' : 'evasion'
}

/** Something found in one layer of a text, in that layer's units. */
export interface Detection {
  readonly detector: string
  readonly start: number
  readonly end: number
}
