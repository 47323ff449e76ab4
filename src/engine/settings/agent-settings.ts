import type { Agent } from '../../domain/agent.ts'
import { type Capability, isCapability } from '../../domain/capability.ts'
import type { Content } from '../../domain/content.ts'
import type { Limits } from '../../domain/limits.ts'
import { may, type Principal, type Visibility } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { PathLabels } from '../../domain/task.ts'
import { findRuleProblem } from '../../guard/path-labels.ts'
import { contentOf } from '../../proof/digests.ts'
import type { Tool } from '../../tool/tool.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { readPolicyNamed } from '../submission/freeze-run-config.ts'
import { withinLimit } from './within-limit.ts'

/** The settings of an agent when it is created or updated. Those that are left out stay as they are. */
export interface AgentSettings {
  readonly name?: string
  readonly description?: string
  readonly instructions?: string | null
  readonly provider?: string | null
  readonly model?: string | null
  readonly tools?: readonly string[]
  readonly capabilities?: readonly Capability[]
  /** The name of the policy; null for the server's default. */
  readonly policy?: string | null
  readonly pathLabels?: readonly PathLabels[]
  readonly timeoutMs?: number | null
  readonly stepsMax?: number | null
  readonly concurrencyMax?: number | null
  readonly visibility?: Visibility
}

/**
 * Applies settings to an agent: answers with the changed agent, and the content of its instructions where they are new.
 * Writes nothing. Refuses `invalid_input`, `tool_unknown`, `policy_not_found`, `model_unknown`, `model_key_missing`,
 * `model_unpriced`, `role_forbidden` (only administrators make an agent public).
 */
export async function applySettings(
  deps: EngineDeps,
  principal: Principal,
  agent: Agent,
  settings: AgentSettings,
): Promise<{ agent: Agent; contents: Content[] }> {
  checkLimits(deps, settings)
  checkTools(deps, settings.tools ?? [])
  checkCapabilities(settings.capabilities ?? [])
  if (settings.visibility === 'public' && agent.visibility !== 'public' && !may(principal, 'administer')) {
    throw new Refusal('role_forbidden', 'Only administrators make an agent public.')
  }
  const { instructions, tools, capabilities, policy, ...plain } = settings
  const next: Agent = {
    ...agent,
    ...plain,
    tools: tools === undefined ? agent.tools : [...new Set(tools)],
    capabilities: capabilities === undefined ? agent.capabilities : [...new Set(capabilities)],
    policy: policy === undefined ? agent.policy : policy && (await readPolicyNamed(deps, policy)).document.name,
  }
  if (next.provider !== agent.provider || next.model !== agent.model) checkModel(deps, next)
  if (instructions === undefined) return { agent: next, contents: [] }
  if (instructions === null || instructions === '') return { agent: { ...next, instructions: null }, contents: [] }
  const content = contentOf(deps.randomness.newSalt(), instructions, 'text/plain')
  return { agent: { ...next, instructions: content.digest }, contents: [content] }
}

function checkLimits({ limits }: EngineDeps, settings: AgentSettings): void {
  const { name, instructions, timeoutMs, stepsMax } = settings
  if (name !== undefined && name.trim() === '') throw blankName()
  withinLimit(limits, 'name_chars_max', 'name', name?.length ?? 0)
  withinLimit(limits, 'instructions_chars_max', 'instructions', instructions?.length ?? 0)
  withinLimit(limits, 'run_timeout_seconds_max', 'timeout_seconds', (timeoutMs ?? 0) / 1_000)
  withinLimit(limits, 'steps_max', 'max_steps', stepsMax ?? 0)
  checkPathLabels(limits, settings.pathLabels ?? [])
}

function checkPathLabels(limits: Limits, rules: readonly PathLabels[]): void {
  for (const [at, { path }] of rules.entries()) {
    withinLimit(limits, 'path_chars_max', `path_labels.${at}.path`, path.length)
  }
  const found = findRuleProblem(rules, limits.path_label_chars_max)
  if (found === undefined) return
  const { index, problem, isTooLong } = found
  const fields = [{ field: `path_labels.${index}.path`, message: problem }]
  const limit = isTooLong ? 'path_label_chars_max' : undefined
  const named = limit === undefined ? '' : ` At most ${limits[limit]} characters are allowed (${limit}).`
  throw new Refusal('invalid_input', `The path rule ${index + 1} ${problem}.${named}`, { fields, limit })
}

/** The refusal of a name that holds white space only. */
export function blankName(): Refusal {
  const fields = [{ field: 'name', message: 'must hold more than white space' }]
  return new Refusal('invalid_input', 'The name is blank.', { fields })
}

/** The tools that an agent can be given. What asks people is offered by the task that allows it, whatever its agent has. */
export function toolsForAgents(tools: EngineDeps['tools']): Tool[] {
  return [...tools.values()].filter(({ ask }) => ask === undefined)
}

function checkTools({ tools }: Pick<EngineDeps, 'tools'>, requested: readonly string[]): void {
  const known = toolsForAgents(tools).map(({ name }) => name)
  const unknown = requested.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const allowed = known.join(', ')
  const fields = [{ field: 'tools', message: `must each be one of: ${allowed}` }]
  throw new Refusal('tool_unknown', `There is no tool ${quoted(unknown)}. There are: ${allowed}.`, { fields })
}

function checkCapabilities(requested: readonly Capability[]): void {
  const wrong = requested.filter((capability) => !isCapability(capability))
  if (wrong.length === 0) return
  const message = 'must each be words of a-z, 0-9, _, . and - with colons between them, * alone or as the last word'
  const fields = [{ field: 'capabilities', message }]
  throw new Refusal('invalid_input', `These are no capabilities: ${quoted(wrong)}.`, { fields })
}

/** A model that could not be called is refused now, and not at the first task. */
function checkModel({ models }: Pick<EngineDeps, 'models'>, { provider, model }: Agent): void {
  if (provider || (model && model !== 'auto')) models.resolve([{ provider, model }])
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word.slice(0, 80)}"`).join(', ')
}
