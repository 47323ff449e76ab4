import type { Agent } from '../../domain/agent.ts'
import { type Capability, covers } from '../../domain/capability.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { RunConfig } from '../../domain/task.ts'
import type { ModelWish } from '../../model/model.ts'
import type { ServerRooms } from '../server-rooms.ts'

/** What a submit may ask of its run; what is left out comes from the agent, then from the server's defaults. */
export interface RunWishes {
  readonly provider?: string | null
  readonly model?: string | null
  readonly timeoutMs?: number | null
  readonly stepsMax?: number | null
  /** Narrows what the agent may do; never widens it. */
  readonly capabilities?: readonly Capability[]
  /** Narrows the agent's tools to those among these. */
  readonly tools?: readonly string[]
  /** A key of the caller's own for the model: never written. */
  readonly modelKey?: string
  readonly runExtension?: JsonObject
}

/**
 * Everything a run will be held to, fixed when it is queued: later changes of the agent do not touch it.
 * Refuses `model_unknown`, `model_key_missing`, `model_unpriced`, `capability_denied`.
 */
export async function freezeRunConfig(
  rooms: ServerRooms,
  principal: Principal,
  agent: Agent,
  wishes: RunWishes,
): Promise<RunConfig> {
  const { limits } = rooms
  const own = [wishes, agent]
  const all = asks(own) ? own : [...own, ...(await defaultsOf(rooms, principal))]
  const model = rooms.models.resolve(all, wishes.modelKey !== undefined)
  return {
    model,
    instructions: agent.instructions,
    tools: wishes.tools === undefined ? agent.tools : agent.tools.filter((name) => wishes.tools?.includes(name)),
    capabilities: effectiveCapabilities(agent, wishes),
    stepsMax: wishes.stepsMax ?? agent.stepsMax ?? limits.steps_default,
    timeoutMs: wishes.timeoutMs ?? agent.timeoutMs ?? limits.run_timeout_seconds_default * 1_000,
    stepTimeoutMs: limits.step_timeout_seconds * 1_000,
    queueTimeoutMs: limits.queue_timeout_seconds * 1_000,
    ...(wishes.modelKey !== undefined && { ownKey: true as const }),
    extension: wishes.runExtension ?? {},
  }
}

function asks(wishes: readonly ModelWish[]): boolean {
  return wishes.some(({ provider, model }) => Boolean(provider) || (Boolean(model) && model !== 'auto'))
}

async function defaultsOf(rooms: ServerRooms, principal: Principal): Promise<ModelWish[]> {
  const user = await rooms.store.readUser(principal.userId)
  const team = principal.teamId === null ? undefined : await rooms.store.readTeam(principal.teamId)
  return [user, team].flatMap((who) => (who ? [{ provider: who.defaultProvider, model: who.defaultModel }] : []))
}

function effectiveCapabilities(agent: Agent, { capabilities }: RunWishes): readonly Capability[] {
  if (capabilities === undefined) return agent.capabilities
  const granted = capabilities.filter((wanted) => agent.capabilities.some((grant) => covers(grant, wanted)))
  if (granted.length === 0 && capabilities.length > 0) {
    throw new Refusal('capability_denied', 'The agent is granted none of the capabilities that were asked for.')
  }
  return granted
}
