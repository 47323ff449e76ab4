import { ClientError } from '../client/client-error.ts'
import type { Client } from '../client/create-client.ts'
import { listAll } from './lists.ts'
import { UsageError } from './usage-error.ts'

/** The form of every id of the native API. */
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

/** Names for people, by the ids of the named things. */
export type Names = ReadonlyMap<string, string>

/** The number of an agent, which no truncation removes, and its name. */
export const nameOfAgent = ({ name, number }: { readonly name: string; readonly number: number }) => `${number} ${name}`

/** The agents that the caller may use; none where they may not be listed. */
export function findAgentNames(client: Client): Promise<Names> {
  return namesIn(
    listAll((query) => client.listAgents(query), 'agents'),
    nameOfAgent,
  )
}

/** The users; none for whoever may not list them. */
export function findUserNames(client: Client): Promise<Names> {
  return namesIn(
    listAll((query) => client.listUsers(query), 'users'),
    ({ name }) => name,
  )
}

/** The teams; none for whoever may not list them. */
export function findTeamNames(client: Client): Promise<Names> {
  return namesIn(
    listAll((query) => client.listTeams(query), 'teams'),
    ({ name }) => name,
  )
}

async function namesIn<One extends { readonly id: string }>(
  listed: Promise<readonly One[]>,
  nameOf: (one: One) => string,
): Promise<Names> {
  try {
    return new Map((await listed).map((one) => [one.id, nameOf(one)]))
  } catch (error) {
    if (error instanceof ClientError) return new Map() // whoever has no right to the names goes on with the ids
    throw error
  }
}
