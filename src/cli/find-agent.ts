import type { Client } from '../client/create-client.ts'
import { listAll } from './list-all.ts'
import { UsageError } from './usage-error.ts'

export const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u

/** The id of the agent that a person means: by its id, its number or its name. */
export async function findAgentId(client: Client, word: string): Promise<string> {
  if (uuid.test(word)) return word
  const agents = await listAll((query) => client.listAgents(query), 'agents')
  const named = agents.filter((agent) => agent.name === word)
  const found = named.length > 0 ? named : agents.filter((agent) => String(agent.number) === word)
  const [agent, other] = found
  if (agent === undefined) {
    throw new UsageError(`There is no agent "${word}".`, 'agent list')
  }
  if (other !== undefined) {
    const numbers = found.map(({ number }) => number).join(', ')
    throw new UsageError(`Several agents are named "${word}"; say which by its number: ${numbers}.`)
  }
  return agent.id
}
