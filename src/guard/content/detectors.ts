import { secretRuleNames } from './secret-rules.ts'

/** The groups of detectors, by which policies may name them too, in the order of their weight. */
export const detectorGroups = ['personal_data', 'secret', 'keyword', 'evasion'] as const
/** A group of detectors. */
export type DetectorGroup = (typeof detectorGroups)[number]

/**
 * The version of all rules of this folder together. It grows with every change of the findings, so that a record says
 * by which rules it was made.
 */
export const detectorsVersion = 3

/**
 * The version of secretlint's preset that this version was made with. Another one may find something else and so needs
 * a new version.
 */
export const presetVersion = '13.0.7'

const personalData = ['ssn', 'mrn', 'credit_card', 'phone', 'email', 'ip'] as const

/** The detector of text that is encoded deeper, or decodes to more, than is read. */
export const encodedTooDeep = 'encoded_too_deep'

/**
 * The detector of text that was not examined, since that would have taken more than the guard may use. No rule finds
 * it: the guard itself reports it.
 */
export const unexamined = 'unexamined'

/** The names of all detectors. */
export const detectorNames: readonly string[] = [
  ...personalData,
  ...secretRuleNames.map((name) => `secret:${name}`),
  'keyword',
  encodedTooDeep,
]

const personalDataNames: ReadonlySet<string> = new Set(personalData)

/** The group of a detector. An unknown detector counts as evasion, so that no policy overlooks it. */
export function groupOf(detector: string): DetectorGroup {
  if (personalDataNames.has(detector)) return 'personal_data'
  if (detector.startsWith('secret:')) return 'secret'
  return detector === 'keyword' ? 'keyword' : 'evasion'
}

/** A finding in one layer of a text, in units of that layer. */
export interface Detection {
  readonly detector: string
  readonly start: number
  readonly end: number
}
