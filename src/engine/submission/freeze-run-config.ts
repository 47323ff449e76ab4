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
import type { ModelWish } from '../../model/model.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** What a submit may ask of its run; what is left out comes from the agent, then from the server's defaults. */
export interface RunOptions {
  readonly provider?: string | null
  readonly model?: string | null
  /** A model without a provider is one of the default provider's. */
  readonly ofDefaultProvider?: boolean
  readonly timeoutMs?: number | null
  readonly stepsMax?: number | null
  /** The name of the policy that the run is under. */
  readonly policy?: string | null
  /** Narrows what the run may do; never widens it. Left out: the defaults of its policy. An empty list: nothing. */
  readonly capabilities?: readonly Capability[]
  /** The effective set of the run that has this one done: it is never exceeded. */
  readonly parentCapabilities?: readonly Capability[]
  /** The rules of what this goes on from, a run before it or its parent's: its files stay labelled. */
  readonly pathLabelsBefore?: readonly PathLabels[]
  /** What calls of tools cost, by a dialect's own tariff. */
  readonly toolCostsMicrosUsd?: Readonly<Record<string, number>>
  /** Narrows the agent's tools to those among these. */
  readonly tools?: readonly string[]
  /** Narrows the agent's tools to those that do nothing else to the world. */
  readonly toolAccess?: readonly Access[]
  /** What is held back and why: the model is told after the agent's instructions, and whoever reads the run. */
  readonly notice?: string
  /** A key of the caller's own for the model: never written. */
  readonly modelKey?: string
  readonly runExtension?: JsonObject
  /** What of the request had no effect, since its dialect leaves alone what it does not know: kept with the run, to be seen. */
  readonly ignoredFields?: readonly string[] | undefined
}

/**
 * Everything a run will be held to, fixed when it is queued: later changes of the agent do not touch it.
 * Refuses `model_unknown`, `model_key_missing`, `model_unpriced`, `policy_not_found`, `capability_denied`, `limit_exceeded`.
 */
export async function freezeRunConfig(
  deps: EngineDeps,
  principal: Principal,
  agent: Agent,
  wishes: RunOptions,
): Promise<RunConfig> {
  const { limits } = deps
  const own = [wishes, agent]
  const withDefaults = wishes.ofDefaultProvider || !asks(own)
  const all = withDefaults ? [...own, ...(await defaultsOf(deps, principal))] : own
  const policy = await readPolicyNamed(deps, wishes.policy ?? agent.policy ?? defaultPolicyName)
  const model = deps.models.resolve(all, wishes.modelKey !== undefined)
  return {
    model,
    instructions: agent.instructions,
    tools: offeredTools(deps, agent, wishes),
    ...resolveWishes(principal, agent, policy, wishes),
    policy: { name: policy.document.name, digest: policy.digest },
    retentionDays: policy.document.retention_days,
    principal: { user: principal.userId, team: principal.teamId, role: principal.role },
    pathLabels: joinPathLabels(limits, wishes.pathLabelsBefore ?? [], agent.pathLabels),
    stepsMax: wishes.stepsMax ?? agent.stepsMax ?? limits.steps_default,
    timeoutMs: wishes.timeoutMs ?? agent.timeoutMs ?? limits.run_timeout_seconds_default * 1_000,
    stepTimeoutMs: limits.step_timeout_seconds * 1_000,
    queueTimeoutMs: limits.queue_timeout_seconds * 1_000,
    ...(wishes.toolCostsMicrosUsd !== undefined && { toolCostsMicrosUsd: wishes.toolCostsMicrosUsd }),
    ...(wishes.modelKey !== undefined && { ownKey: true as const }),
    ...(wishes.notice !== undefined && { notice: wishes.notice }),
    extension: withIgnored(wishes.runExtension ?? {}, wishes.ignoredFields ?? []),
  }
}

/** A tool that this server does not know may do anything. */
function offeredTools({ tools }: EngineDeps, agent: Agent, wishes: RunOptions): readonly string[] {
  const { tools: names, toolAccess } = wishes
  const chosen = names === undefined ? agent.tools : agent.tools.filter((name) => names.includes(name))
  if (toolAccess === undefined) return chosen
  return chosen.filter((name) => toolAccess.includes(tools.get(name)?.access ?? 'other'))
}

function withIgnored(extension: JsonObject, ignored: readonly string[]): JsonObject {
  return ignored.length === 0 ? extension : { ...extension, [ignoredFieldsName]: [...ignored] }
}

/** Those of both, each once. Refuses `limit_exceeded`: none of them may be left out, and each call is matched with all. */
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

function asks(wishes: readonly ModelWish[]): boolean {
  return wishes.some(({ provider, model }) => Boolean(provider) || (Boolean(model) && model !== 'auto'))
}

async function defaultsOf(deps: EngineDeps, principal: Principal): Promise<ModelWish[]> {
  const user = await deps.store.readUser(principal.userId)
  const team = principal.teamId === null ? undefined : await deps.store.readTeam(principal.teamId)
  return [user, team].flatMap((who) => (who ? [{ provider: who.defaultProvider, model: who.defaultModel }] : []))
}

/**
 * The policy of work that goes on from other work, a further run or a sub-task: what was read under a policy stays under it.
 * Only the default one makes room for another. Refuses `invalid_input`.
 */
export function underPolicy(before: string, wanted: string | null | undefined): string {
  const name = policyNameOf(wanted ?? before)
  if (before === defaultPolicyName || name === before) return name
  const fields = [{ field: 'policy', message: `must be ${before}, or left out` }]
  throw new Refusal('invalid_input', `What this goes on from is under the policy ${before}, and so is this.`, {
    fields,
  })
}

/** The newest version of a policy, by its name or another word for it. Refuses `policy_not_found`, saying which there are. */
export async function readPolicyNamed(deps: EngineDeps, word: string): Promise<PolicyVersion> {
  const version = await deps.store.readPolicyNamed(policyNameOf(word))
  if (version !== undefined) return version
  const names = (await deps.store.listPolicies()).map(({ version: { document } }) => document.name).join(', ')
  const fields = [{ field: 'policy', message: `must be one of: ${names}` }]
  throw new Refusal('policy_not_found', `There is no policy "${word.slice(0, 80)}". There are: ${names}.`, { fields })
}

/** What it may do in the end, and what was asked for in vain. Refuses `capability_denied` where nothing is left of what was asked. */
function resolveWishes(principal: Principal, agent: Agent, policy: PolicyVersion, wishes: RunOptions) {
  const { capabilities: requested } = wishes
  const { effective, denied } = resolveCapabilities({
    requested,
    policy: policy.document,
    role: principal.role,
    agentGrants: agent.capabilities,
    ...(wishes.parentCapabilities !== undefined && { parent: wishes.parentCapabilities }),
  })
  if (requested !== undefined && requested.length > 0 && effective.length === 0) {
    const message = `No effective permissions after applying '${policy.document.name}' compliance policy`
    throw new Refusal('capability_denied', message, { denied })
  }
  return { capabilities: effective, denied }
}
