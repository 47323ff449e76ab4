import type { Agent } from '../../domain/agent.ts'
import type { Capability } from '../../domain/capability.ts'
import type { Access } from '../../domain/decision.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Limits } from '../../domain/limits.ts'
import { defaultPolicyName, type PolicyVersion, policyNameOf } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { ignoredFieldsName, type PathLabels, type RunConfig } from '../../domain/task.ts'
import { findRuleProblem } from '../../guard/path-labels.ts'
import { resolveCapabilities } from '../../guard/resolve-capabilities.ts'
import type { ModelPreference } from '../../model/model.ts'
import type { Tool } from '../../tool/tool.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The options of a run. Those that are left out come from the agent, then from the server's defaults. */
export interface RunOptions {
  readonly provider?: string | null | undefined
  readonly model?: string | null | undefined
  /** A model without a provider is one of the default provider's. */
  readonly ofDefaultProvider?: boolean | undefined
  readonly timeoutMs?: number | null | undefined
  readonly stepsMax?: number | null | undefined
  /** The name of the policy that the run is under. */
  readonly policy?: string | null | undefined
  /**
   * Narrows what the run may do; never widens it. Where it is left out, the defaults of the policy hold; an empty list allows
   * nothing.
   */
  readonly capabilities?: readonly Capability[] | undefined
  /** The effective capabilities of the parent's run. They are never exceeded. */
  readonly parentCapabilities?: readonly Capability[] | undefined
  /** The path rules of the run before this one, or of the parent's: their files stay labelled. */
  readonly pathLabelsBefore?: readonly PathLabels[] | undefined
  /** The prices of tool calls by a dialect's own tariff, in micro-dollars. */
  readonly toolCostsMicrosUsd?: Readonly<Record<string, number>> | undefined
  /**
   * Whether the agent may ask people (`ask_question`). Without it neither the tool nor a word of it reaches the model. Undefined:
   * as in the run before, and not at all in the first.
   */
  readonly askQuestion?: boolean | undefined
  /** Narrows the agent's tools to those among these. */
  readonly tools?: readonly string[] | undefined
  /** Narrows the agent's tools to those that do nothing else to the world. */
  readonly toolAccess?: readonly Access[] | undefined
  /** Says what is held back and why. The model reads it after the agent's instructions, and so does whoever reads the run. */
  readonly notice?: string | undefined
  /** A key of the caller's own for the model. It is never written. */
  readonly modelKey?: string | undefined
  readonly runExtension?: JsonObject | undefined
  /**
   * The fields of the request that had no effect, since its dialect ignores unknown ones. They are kept with the run, to be
   * seen.
   */
  readonly ignoredFields?: readonly string[] | undefined
}

/**
 * Freezes everything that a run is held to when it is queued. Later changes of the agent, its policy or the defaults do not
 * touch it. Refuses `model_unknown`, `model_key_missing`, `model_unpriced`, `policy_not_found`, `capability_denied`,
 * `limit_exceeded`.
 */
export async function freezeRunConfig(
  deps: EngineDeps,
  principal: Principal,
  agent: Agent,
  options: RunOptions,
): Promise<RunConfig> {
  const { limits } = deps
  const asked = [options, agent]
  const withDefaults = options.ofDefaultProvider || !namesModel(asked)
  const all = withDefaults ? [...asked, ...(await defaultsOf(deps, principal))] : asked
  const policy = await readPolicyNamed(deps, options.policy ?? agent.policy ?? defaultPolicyName)
  const model = deps.models.resolve(all, options.modelKey !== undefined)
  return {
    model,
    instructions: agent.instructions,
    tools: offeredTools(deps, agent, options),
    ...resolveGrants(principal, agent, policy, options),
    policy: { name: policy.document.name, digest: policy.digest },
    retentionDays: policy.document.retention_days,
    principal: { user: principal.userId, team: principal.teamId, role: principal.role },
    pathLabels: joinPathLabels(limits, options.pathLabelsBefore ?? [], agent.pathLabels),
    // The limit also bounds the defaults, and agents that were saved under a greater one.
    stepsMax: Math.min(options.stepsMax ?? agent.stepsMax ?? limits.steps_default, limits.steps_max),
    timeoutMs: Math.min(
      options.timeoutMs ?? agent.timeoutMs ?? limits.run_timeout_seconds_default * 1_000,
      limits.run_timeout_seconds_max * 1_000,
    ),
    stepTimeoutMs: limits.step_timeout_seconds * 1_000,
    queueTimeoutMs: limits.queue_timeout_seconds * 1_000,
    ...(options.toolCostsMicrosUsd !== undefined && { toolCostsMicrosUsd: options.toolCostsMicrosUsd }),
    ...(options.modelKey !== undefined && { ownKey: true as const }),
    ...(policy.document.approvals.four_eyes === true && { fourEyes: true as const }),
    ...(options.notice !== undefined && { notice: options.notice }),
    extension: withIgnored(options.runExtension ?? {}, options.ignoredFields ?? []),
  }
}

/** Chooses the agent's tools that the request does not exclude. A tool that this server does not know may do anything. */
function offeredTools({ tools }: Pick<EngineDeps, 'tools'>, agent: Agent, options: RunOptions): readonly string[] {
  const { tools: names, toolAccess, askQuestion = false } = options
  const chosen = names === undefined ? agent.tools : agent.tools.filter((name) => names.includes(name))
  const own = chosen.filter((name) => tools.get(name)?.ask === undefined)
  const allowed =
    toolAccess === undefined ? own : own.filter((name) => toolAccess.includes(tools.get(name)?.access ?? 'other'))
  if (!askQuestion) return allowed
  return [...allowed, ...[...tools.values()].flatMap(({ name, ask }) => (ask === undefined ? [] : [name]))]
}

/** Whether the run may ask people. */
export function asksQuestions(tools: ReadonlyMap<string, Tool>, config: Pick<RunConfig, 'tools'>): boolean {
  return config.tools.some((name) => tools.get(name)?.ask !== undefined)
}

function withIgnored(extension: JsonObject, ignored: readonly string[]): JsonObject {
  return ignored.length === 0 ? extension : { ...extension, [ignoredFieldsName]: [...ignored] }
}

/**
 * Joins the path rules of both, each once. Refuses `limit_exceeded`: none of them may be left out, and each call is matched
 * with all.
 */
function joinPathLabels(
  limits: Limits,
  before: readonly PathLabels[],
  own: readonly PathLabels[],
): readonly PathLabels[] {
  const known = new Set(own.map((rule) => JSON.stringify(rule)))
  const joined = [...own, ...before.filter((rule) => !known.has(JSON.stringify(rule)))]
  const limit = 'path_label_chars_per_task_max'
  if (joined.length === own.length || !findRuleProblem(joined, limits[limit])?.isTooLong) return joined
  const message = `The path rules that this task has taken on from its agents have more than ${limits[limit]} characters (${limit}).`
  throw new Refusal('limit_exceeded', message, { limit })
}

function namesModel(choices: readonly ModelPreference[]): boolean {
  return choices.some(({ provider, model }) => Boolean(provider) || (Boolean(model) && model !== 'auto'))
}

async function defaultsOf(deps: EngineDeps, principal: Principal): Promise<ModelPreference[]> {
  const user = await deps.store.readUser(principal.userId)
  const team = principal.teamId === null ? undefined : await deps.store.readTeam(principal.teamId)
  return [user, team].flatMap((who) => (who ? [{ provider: who.defaultProvider, model: who.defaultModel }] : []))
}

/**
 * Chooses the policy of a further run or a sub-task: what was read under a policy stays under it. Only the default policy
 * gives way to another. Refuses `invalid_input`.
 */
export function underPolicy(before: string, wanted: string | null | undefined): string {
  const name = policyNameOf(wanted ?? before)
  if (before === defaultPolicyName || name === before) return name
  const fields = [{ field: 'policy', message: `must be ${before}, or left out` }]
  throw new Refusal('invalid_input', `What this goes on from is under the policy ${before}, and so is this.`, {
    fields,
  })
}

/** Reads the newest version of a policy, by its name or an alias. Refuses `policy_not_found`, and says which there are. */
export async function readPolicyNamed(deps: Pick<EngineDeps, 'store'>, nameOrAlias: string): Promise<PolicyVersion> {
  const version = await deps.store.readPolicyNamed(policyNameOf(nameOrAlias))
  if (version !== undefined) return version
  const names = (await deps.store.listPolicies()).map(({ version: { document } }) => document.name).join(', ')
  const fields = [{ field: 'policy', message: `must be one of: ${names}` }]
  throw new Refusal('policy_not_found', `There is no policy "${nameOrAlias.slice(0, 80)}". There are: ${names}.`, {
    fields,
  })
}

/**
 * Resolves the effective capabilities and those that were requested in vain. Refuses `capability_denied` where nothing is
 * left of what was requested.
 */
function resolveGrants(principal: Principal, agent: Agent, policy: PolicyVersion, options: RunOptions) {
  const { capabilities: requested } = options
  const { effective, denied } = resolveCapabilities({
    requested,
    policy: policy.document,
    role: principal.role,
    agentGrants: agent.capabilities,
    parent: options.parentCapabilities,
  })
  if (requested !== undefined && requested.length > 0 && effective.length === 0) {
    const message = `No effective permissions after applying '${policy.document.name}' compliance policy`
    throw new Refusal('capability_denied', message, { denied })
  }
  return { capabilities: effective, denied }
}
