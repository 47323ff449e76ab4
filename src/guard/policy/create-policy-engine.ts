import type { Response, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { Digest } from '../../domain/content.ts'
import { type Access, accesses, type DecisionInputs } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { cedarRequest } from './cedar-request.ts'
import { CedarRefused, type CedarRule, readCedarRules } from './cedar-rules.ts'
import { type Cedar, cedarSchema, loadCedar } from './cedar-schema.ts'

/** What Cedar says of one action. */
export interface Evaluation {
  readonly allowed: boolean
  /** `policy:<id>` of each rule that decided, in the order of the text; else `policy:default_deny`, `policy:evaluation_error`. */
  readonly rules: readonly string[]
  /** What the rules that forbade say of themselves (`@reason`). */
  readonly reasons: readonly string[]
  /** For the operator; may quote what the call was given. */
  readonly errors: readonly string[]
}

export type EvaluatePolicy = (version: PolicyVersion, inputs: DecisionInputs, argumentsText: string) => Evaluation

export interface PolicyEngine {
  /** Parses a version now and not at its first evaluation. Throws where its Cedar text does not parse. */
  prepare(version: PolicyVersion): void
  /** Deterministic, and never throws: whatever goes wrong is a denial. */
  readonly evaluate: EvaluatePolicy
}

/** Versions that are held parsed; the one that was used longest ago makes room and is parsed again when it is needed. */
export const policyVersionsLoadedMax = 128

interface Slice {
  /** Under which Cedar keeps the parsed rules. */
  readonly name: string
  readonly readsArguments: boolean
}

interface Loaded {
  readonly slices: ReadonlyMap<Access, Slice>
  readonly rules: ReadonlyMap<string, { readonly index: number; readonly reason: string | null }>
}

const schemaName = 'mandate'

/**
 * Evaluates Cedar policies, each version parsed once and cut into slices: the rules whose scope can apply to an action. Cedar
 * itself is loaded at the first use. Nothing that is wrong with one version touches the others.
 */
export function createPolicyEngine(loadedMax: number = policyVersionsLoadedMax): PolicyEngine {
  let cedar: Cedar | undefined
  /** The order is that of their last use. */
  const loaded = new Map<Digest, Loaded>()

  const openCedar = (): Cedar => {
    if (cedar !== undefined) return cedar
    const opened = loadCedar()
    const answer = opened.preparseSchema(schemaName, cedarSchema)
    if (answer.type === 'failure') throw new CedarRefused(answer.errors[0]?.message)
    cedar = opened
    return opened
  }

  const use = (version: PolicyVersion): Loaded => {
    const found = loaded.get(version.digest)
    const used = found ?? loadVersion(openCedar(), version)
    loaded.delete(version.digest)
    loaded.set(version.digest, used)
    if (found === undefined && loaded.size > loadedMax) evictOldest()
    return used
  }

  const evictOldest = (): void => {
    for (const [digest, { slices }] of loaded) {
      // Cedar has no call to forget one: an empty set takes its place.
      for (const { name } of slices.values()) openCedar().preparsePolicySet(name, { staticPolicies: {} })
      loaded.delete(digest)
      return
    }
  }

  /** After a throw of its own, Cedar's WebAssembly is not sound any more: the next use opens another. */
  const recover = (error: unknown): void => {
    if (error instanceof CedarRefused) return
    cedar = undefined
    loaded.clear()
  }

  return {
    prepare(version) {
      try {
        use(version)
      } catch (error) {
        recover(error)
        throw new Error(`The Cedar text of the policy ${version.document.name} cannot be loaded.`, { cause: error })
      }
    },
    evaluate(version, inputs, argumentsText) {
      try {
        const { slices, rules } = use(version)
        const slice = slices.get(inputs.access)
        if (slice === undefined) return failed(`There is no action ${inputs.access}.`)
        return conclude(ask(openCedar(), slice, inputs, argumentsText), rules)
      } catch (error) {
        recover(error)
        return failed(String(error))
      }
    },
  }
}

function loadVersion(cedar: Cedar, { digest, cedar: source }: PolicyVersion): Loaded {
  const rules = readCedarRules(cedar, source)
  const byId = new Map(rules.map(({ id, reason }, index) => [id, { index, reason }]))
  if (byId.size < rules.length) throw new CedarRefused('Two rules have the same id.')
  const slices = new Map<Access, Slice>()
  /** Actions to which the same rules apply share them. */
  const names = new Map<string, Slice>()
  for (const access of accesses) {
    const applying = rules.filter(({ actions }) => actions.includes(access))
    const key = applying.map(({ id }) => id).join('\n')
    const slice = names.get(key) ?? preparseSlice(cedar, `${digest}/${access}`, applying)
    names.set(key, slice)
    slices.set(access, slice)
  }
  return { slices, rules: byId }
}

function preparseSlice(cedar: Cedar, name: string, rules: readonly CedarRule[]): Slice {
  // By id and not as one text: Cedar would number them and not look at `@id`.
  const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))
  const answer = cedar.preparsePolicySet(name, { staticPolicies })
  if (answer.type === 'failure') throw new CedarRefused(answer.errors[0]?.message)
  return { name, readsArguments: rules.some(({ readsArguments }) => readsArguments) }
}

type Answer = { readonly response: Response } | { readonly errors: readonly string[] }

/**
 * Half of what a question costs is carrying a long text over: the arguments are left out where no rule of the slice looks at
 * them. Where one does, the question is not checked against the schema once more, which would carry them over twice; that it
 * fits is proven by a test, and what does not fit ends in an error and so in a denial.
 */
function ask(cedar: Cedar, { name, readsArguments }: Slice, inputs: DecisionInputs, argumentsText: string): Answer {
  const call: StatefulAuthorizationCall = {
    ...cedarRequest(inputs, readsArguments ? argumentsText : ''),
    preparsedPolicySetId: name,
    ...(!readsArguments && { preparsedSchemaName: schemaName, validateRequest: true }),
  }
  const answer = cedar.statefulIsAuthorized(call)
  return answer.type === 'success' ? answer : { errors: answer.errors.map(({ message }) => message) }
}

function conclude(answer: Answer, rules: Loaded['rules']): Evaluation {
  if ('errors' in answer) return failed(...answer.errors)
  const { decision, diagnostics } = answer.response
  // Cedar skips a rule that it cannot evaluate; were it one that forbids, the action would pass.
  if (diagnostics.errors.length > 0) {
    return failed(...diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`).sort())
  }
  // They come in no particular order.
  const deciding = diagnostics.reason
    .map((id) => ({ id, index: rules.get(id)?.index ?? 0, reason: rules.get(id)?.reason ?? null }))
    .sort((a, b) => a.index - b.index)
  const allowed = decision === 'allow'
  return {
    allowed,
    rules: deciding.length > 0 ? deciding.map(({ id }) => `policy:${id}`) : ['policy:default_deny'],
    reasons: allowed ? [] : deciding.flatMap(({ reason }) => (reason === null ? [] : [reason])),
    errors: [],
  }
}

function failed(...errors: string[]): Evaluation {
  return { allowed: false, rules: ['policy:evaluation_error'], reasons: [], errors }
}
