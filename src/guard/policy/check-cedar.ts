import type { DetailedError, ValidationError } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarRule, readCedarRules } from './cedar-rules.ts'
import { type Cedar, cedarSchema, loadCedar } from './cedar-schema.ts'
import { type FoundProblem, type PolicyProblem, placeProblems } from './policy-problem.ts'

/** The characters of one policy's Cedar text. A longer one is refused by this name. */
export const policyCedarCharsMax = 200_000
/** The rules of one policy. */
export const policyRulesMax = 1_000

/**
 * The levels of Cedar's JSON form, about two for each operator. Cedar's own stack, which we cannot enlarge, ends at
 * more than twice as many.
 */
const depthMax = 250

const idShape = /^[a-z0-9_-]{1,64}$/u
/** Ids that no rule may have, since decisions without a deciding rule are named by them. */
const reservedIds = ['default_deny', 'evaluation_error']

/** All problems for which a Cedar text is refused: it does not parse, does not fit the schema, or could never apply. */
export function checkCedar(source: string): PolicyProblem[] {
  return placeProblems('cedar', source, findProblems(source))
}

function findProblems(source: string): FoundProblem[] {
  if (source.length > policyCedarCharsMax) {
    return [at(0, `The text is longer than ${policyCedarCharsMax} characters (policy_cedar_chars_max).`)]
  }
  try {
    // The instance is for this text alone, since a text that is nested too deeply destroys it.
    return checkWith(loadCedar(), source)
  } catch (error) {
    const hint = `Split the condition into several rules, or use a set: ["a", "b"].contains(context.tool). (${String(error)})`
    return [at(0, 'The text is nested too deeply to be read.', hint)]
  }
}

function at(offset: number, message: string, hint: string | null = null): FoundProblem {
  return { offset, message, hint }
}

function checkWith(cedar: Cedar, source: string): FoundProblem[] {
  const parts = cedar.policySetTextToParts(source)
  if (parts.type === 'failure') return problemsOf(parts.errors, source)
  const [template] = parts.policy_templates
  if (template !== undefined) {
    return [
      at(
        source.indexOf(template),
        'This is a template: it has a slot in place of a principal or resource.',
        'Name them, or leave it open.',
      ),
    ]
  }
  const rules = readCedarRules(cedar, source)
  if (rules.length > policyRulesMax) {
    return [at(0, `The text holds more than ${policyRulesMax} rules (policy_rules_max).`)]
  }
  return [...checkRules(rules), ...validate(cedar, source)]
}

function checkRules(rules: readonly CedarRule[]): FoundProblem[] {
  const problems: FoundProblem[] = []
  const seen = new Set<string>()
  for (const { id, offset, depth } of rules) {
    if (!idShape.test(id) || reservedIds.includes(id)) {
      const hint = `An id is 1 to 64 of a-z, 0-9, "_" and "-", and not ${reservedIds.join(' or ')}.`
      problems.push(at(offset, `${JSON.stringify(id.slice(0, 100))} cannot be the id of a rule.`, hint))
    } else if (seen.has(id)) {
      problems.push(at(offset, `Another rule has the id ${id} too.`, 'Decisions name rules by their ids.'))
    }
    seen.add(id)
    if (depth > depthMax) {
      const hint = 'Split the condition into several rules, or use a set: ["a", "b"].contains(context.tool).'
      problems.push(at(offset, `The condition of ${id} is nested too deeply.`, hint))
    }
  }
  if (!rules.some(({ permits }) => permits)) {
    problems.push(
      at(0, 'No rule permits anything: every action would be denied.', 'permit(principal, action, resource);'),
    )
  }
  return problems
}

function validate(cedar: Cedar, source: string): FoundProblem[] {
  const answer = cedar.validate({ schema: cedarSchema, policies: { staticPolicies: source } })
  if (answer.type === 'failure') return problemsOf(answer.errors, source)
  const wrong = new Set(answer.validationErrors.map(({ policyId }) => policyId))
  // A rule that can never apply, or whose words are written in look-alike letters, is a mistake too. Where the rule is
  // wrong anyway, the warning follows from that.
  const warnings = answer.validationWarnings.filter(({ policyId }) => !wrong.has(policyId))
  return problemsOf(withoutRepeats([...answer.validationErrors, ...warnings]), source)
}

/** Removes repetitions, since Cedar reports a problem once for each action that a rule applies to. */
function withoutRepeats(errors: readonly ValidationError[]): DetailedError[] {
  const byKey = errors.map(({ error }) => {
    const place = error.sourceLocations?.[0]
    const key = [place?.start, place?.end, error.help, error.message.replace(/Action::"\w+"/gu, '')]
    return [JSON.stringify(key), error] as const
  })
  return [...new Map(byKey).values()]
}

/** The problems of a text. Cedar reports them in one response, errors nested below errors. */
function problemsOf(errors: readonly DetailedError[], source: string): FoundProblem[] {
  const offsetOf = createUnitOffsets(source)
  const problems: FoundProblem[] = []
  // The stack has the first error on top, so that problems come in Cedar's order and none is copied twice.
  const open = errors.toReversed()
  for (let error = open.pop(); error !== undefined; error = open.pop()) {
    const place = error.sourceLocations?.[0]
    const message = error.message
      .replace(/^(?:for policy `policy\d+`, |failed to parse policies from string: )/u, '')
      .replace(/ for Action::"\w+"/u, '')
    const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
    problems.push(at(offsetOf(place?.start ?? 0), sentence, error.help ?? place?.label ?? null))
    for (const related of (error.related ?? []).toReversed()) open.push(related)
  }
  return problems
}

/**
 * Converts Cedar's offsets, which count bytes of UTF-8. The table is built once for a text and serves all of its
 * errors.
 */
function createUnitOffsets(source: string): (byteOffset: number) => number {
  const units = new Uint32Array(Buffer.byteLength(source))
  let byte = 0
  let unit = 0
  for (const character of source) {
    const bytes = Buffer.byteLength(character)
    units.fill(unit, byte, byte + bytes)
    byte += bytes
    unit += character.length
  }
  return (byteOffset) => units[byteOffset] ?? source.length
}
