import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { type Access, accesses } from '../../domain/decision.ts'
import type { Cedar } from './cedar-schema.ts'

/** One policy of a Cedar text. It is called a rule, since the word policy would mean two things. */
export interface CedarRule {
  /** The `@id`, or else `policy<n>`, counted from 0 in the text. */
  readonly id: string
  readonly text: string
  /** The offset of `text` in the whole text. */
  readonly offset: number
  readonly permits: boolean
  /** The actions in its scope. For any other action it can give nothing, not even an error. */
  readonly actions: readonly Access[]
  /** The `@reason`, which people and models are given where it forbids. */
  readonly reason: string | null
  /** The `@ask`, which says why a person is asked where the rule decides. */
  readonly ask: string | null
  /** Whether it reads the arguments as a text. */
  readonly readsArguments: boolean
  /** The depth of its conditions. Evaluation needs stack for each level. */
  readonly depth: number
}

/**
 * Thrown where a text is not valid Cedar, or uses parts of Cedar that are not accepted. Cedar itself stays usable;
 * anything else that it throws is a defect.
 */
export class CedarRefused extends Error {
  override readonly name = 'CedarRefused'
  constructor(reasons: readonly { readonly message: string }[]) {
    super(reasons.map(({ message }) => message).join(' '))
  }
}

/** Splits a text without templates into its rules, in their order. Throws CedarRefused. */
export function readCedarRules(cedar: Cedar, source: string): CedarRule[] {
  const parts = cedar.policySetTextToParts(source)
  if (parts.type === 'failure') throw new CedarRefused(parts.errors)
  if (parts.policy_templates.length > 0) throw new CedarRefused([{ message: 'The text holds a template.' }])
  // Cedar returns them sorted by its own names for them: policy0, policy1, policy10, policy2, …
  const sorted = Object.keys(parts.policies).sort()
  const texts: string[] = []
  for (const [at, text] of parts.policies.entries()) texts[Number(sorted[at])] = text
  let end = 0
  return texts.map((text, index) => {
    const offset = source.indexOf(text, end)
    end = offset + text.length
    return readRule(cedar, text, offset, index)
  })
}

function readRule(cedar: Cedar, text: string, offset: number, index: number): CedarRule {
  const read = cedar.policyToJson(text)
  if (read.type === 'failure') throw new CedarRefused(read.errors)
  const { effect, annotations, conditions, action } = read.json
  const seen = inspectConditions(conditions)
  return {
    id: annotations?.['id'] ?? `policy${index}`,
    text,
    offset,
    permits: effect === 'permit',
    actions: actionsOf(action),
    reason: annotations?.['reason'] ?? null,
    ask: askOf(annotations),
    readsArguments: seen.readsArguments,
    depth: seen.depth,
  }
}

/** An `@ask` without a text asks for approval as such. */
function askOf(annotations: PolicyJson['annotations']): string | null {
  if (annotations === undefined || !Object.hasOwn(annotations, 'ask')) return null
  return annotations['ask'] || 'approval'
}

function actionsOf(constraint: PolicyJson['action']): readonly Access[] {
  if (constraint.op === 'All') return accesses
  const named = 'entities' in constraint ? constraint.entities : 'entity' in constraint ? [constraint.entity] : []
  const ids = named.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id))
  return accesses.filter((access) => ids.includes(access))
}

/**
 * Inspects conditions in Cedar's JSON form. It does not recurse, since a hostile text is nested as deeply as it likes.
 * The context as a whole (`context == …`) counts as reading the arguments; reading one of its other attributes does
 * not.
 */
function inspectConditions(conditions: PolicyJson['conditions']): { readsArguments: boolean; depth: number } {
  let readsArguments = false
  let deepest = 0
  const open: { node: unknown; depth: number }[] = [{ node: conditions, depth: 0 }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { node, depth } = at
    deepest = Math.max(deepest, depth)
    if (!isObject(node)) continue
    if (Reflect.get(node, 'Var') === 'context') readsArguments = true
    // An attribute of the context has this form, and `has` likewise: `{".": {"left": {"Var": "context"}, "attr": …}}`.
    const left: unknown = Reflect.get(node, 'left')
    const attribute: unknown = Reflect.get(node, 'attr')
    const isOfContext = isObject(left) && Reflect.get(left, 'Var') === 'context'
    // In a record that imitates this form, the attribute is an expression and so an object.
    if (isOfContext && (typeof attribute === 'string' || Array.isArray(attribute))) {
      readsArguments ||= JSON.stringify(attribute).includes('arguments')
      continue
    }
    for (const child of Object.values(node)) open.push({ node: child, depth: depth + 1 })
  }
  return { readsArguments, depth: deepest }
}

/** Whether a value of Cedar's JSON form, which has no null, is an object or a list. */
function isObject(value: unknown): value is object {
  return typeof value === 'object'
}
