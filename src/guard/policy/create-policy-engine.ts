import type { Response, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { Digest } from '../../domain/content.ts'
import { type Access, accesses, type DecisionInputs } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { cedarRequest } from './cedar-request.ts'
import { CedarRefused, type CedarRule, readCedarRules } from './cedar-rules.ts'
import { type Cedar, cedarSchema, loadCedar } from './cedar-schema.ts'

/** Cedar's evaluation of one action. */
export interface Evaluation {
  readonly allowed: boolean
  /**
   * `policy:<id>` of each rule that decided, in the order of the text, or else `policy:default_deny` or
   * `policy:evaluation_error`.
   */
  readonly rules: readonly string[]
  /** The `@reason` of each rule that forbade. */
  readonly reasons: readonly string[]
  /**
   * The `@ask` of each rule that decided, where all that decided have one: then a person is asked, be it that they permit or
   * forbid. Empty otherwise.
   */
  readonly asks: readonly string[]
  /** Errors for the operator. They may quote the arguments of the call. */
  readonly errors: readonly string[]
}

/** Evaluates a version of a policy for an action. */
export type EvaluatePolicy = (version: PolicyVersion, inputs: DecisionInputs, argumentsText: string) => Evaluation

/** Evaluates Cedar policies. */
export interface PolicyEngine {
  /** Parses a version now and not at its first evaluation. Throws where its Cedar text does not parse. */
  prepare(version: PolicyVersion): void
  /** Deterministic. It never throws: every failure is a denial. */
  readonly evaluate: EvaluatePolicy
}

/**
 * The number of versions that are kept parsed. The least recently used one is dropped and parsed again when it is
 * needed.
 */
export const policyVersionsLoadedMax = 128

interface Slice {
  /** The name under which Cedar keeps the parsed rules. */
  readonly name: string
  readonly readsArguments: boolean
}

interface LoadedRule {
  readonly index: number
  readonly reason: string | null
  readonly ask: string | null
}

interface Loaded {
  readonly slices: ReadonlyMap<Access, Slice>
  readonly rules: ReadonlyMap<string, LoadedRule>
}

const schemaName = 'mandate'

/**
 * Creates an engine that parses each version once and splits it into slices: the rules whose scope can apply to an
 * action. Cedar itself is loaded at the first use, by `load`. A problem of one version never affects the others.
 */
export function createPolicyEngine(loadedMax: number = policyVersionsLoadedMax, load = loadCedar): PolicyEngine {
  let cedar: Cedar | undefined
  /** The parsed versions, least recently used first. */
  const loaded = new Map<Digest, Loaded>()

  const openCedar = (): Cedar => {
    if (cedar !== undefined) return cedar
    const opened = load()
    const answer = opened.preparseSchema(schemaName, cedarSchema)
    if (answer.type === 'failure') throw new CedarRefused(answer.errors)
    cedar = opened
    return opened
  }

  const use = (version: PolicyVersion): Loaded => {
    const used = loaded.get(version.digest) ?? loadVersion(openCedar(), version)
    loaded.delete(version.digest)
    loaded.set(version.digest, used)
    if (loaded.size > loadedMax) evictOldest()
    return used
  }

  const evictOldest = (): void => {
    for (const [digest, { slices }] of loaded) {
      // Cedar has no call to forget a set. An empty one replaces it.
      for (const { name } of new Set(slices.values())) openCedar().preparsePolicySet(name, { staticPolicies: {} })
      loaded.delete(digest)
      return
    }
  }

  /**
   * Drops the instance of Cedar after an exception of its WebAssembly, which is not sound any more. The next use opens
   * another.
   */
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
  const byId = new Map(rules.map(({ id, reason, ask }, index) => [id, { index, reason, ask }]))
  if (byId.size < rules.length) throw new CedarRefused([{ message: 'Two rules have the same id.' }])
  const slices = new Map<Access, Slice>()
  /** Actions that the same rules apply to share a slice. */
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
  // The rules are passed by id and not as one text, which Cedar would number without regard to `@id`.
  const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))
  const answer = cedar.preparsePolicySet(name, { staticPolicies })
  if (answer.type === 'failure') throw new CedarRefused(answer.errors)
  return { name, readsArguments: rules.some(({ readsArguments }) => readsArguments) }
}

type Answer = { readonly response: Response } | { readonly errors: readonly string[] }

/**
 * Asks Cedar. Half of the cost is passing a long text, so that the arguments are left out where no rule of the slice
 * reads them. Where one does, the request is not validated against the schema again, which would pass them twice: a
 * test proves that it fits, and one that does not ends in an error and so in a denial.
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
  // Cedar skips a rule that it cannot evaluate. If it were one that forbids, the action would pass.
  if (diagnostics.errors.length > 0) {
    return failed(...diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`).sort())
  }
  // Cedar gives them in no particular order.
  const deciding = diagnostics.reason
    .map((id) => ({ id, ...(rules.get(id) ?? { index: 0, reason: null, ask: null }) }))
    .sort((a, b) => a.index - b.index)
  const allowed = decision === 'allow'
  return {
    allowed,
    rules: deciding.length > 0 ? deciding.map(({ id }) => `policy:${id}`) : ['policy:default_deny'],
    reasons: allowed ? [] : deciding.flatMap(({ reason }) => (reason === null ? [] : [reason])),
    asks: deciding.every(({ ask }) => ask !== null) ? deciding.map(({ ask }) => ask ?? '') : [],
    errors: [],
  }
}

function failed(...errors: string[]): Evaluation {
  return { allowed: false, rules: ['policy:evaluation_error'], reasons: [], asks: [], errors }
}
