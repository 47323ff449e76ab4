import { Refusal } from '../../domain/refusal.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'

/** Reads the id of an agent that a path names by its id or by its number. */
export async function agentIdOf({ store }: ServerDeps, name: string): Promise<string> {
  if (!/^[1-9]\d{0,14}$/u.test(name)) return name
  const found = await store.readAgentByNumber(Number(name))
  if (found === undefined) throw new Refusal('agent_not_found', 'There is no such agent.')
  return found.id
}
