import { ClientError } from '../client/client-error.ts'
import type { Client } from '../client/create-client.ts'
import { listAll } from './list-all.ts'

/** What people call things, by their ids. */
export type Names = ReadonlyMap<string, string>

/** An agent by its number, which no cut takes away, and its name. */
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
