import type { Place } from '../../../domain/task.ts'

/** What stands before an id, by what it names. */
type Kind = 'task' | 'chat' | 'agent' | 'user'

/** An id as Agentrix shows it: `task-<id>`, `chat-<id>`, `agent-<id>`, `user-<id>`. */
export function showId(kind: Kind, id: string): string {
  return `${kind}-${id}`
}

export function showIdOrNull(kind: Kind, id: string | null): string | null {
  return id === null ? null : showId(kind, id)
}

/** The id that a client's word names; the bare id, as other APIs of this server show it, is understood too. */
export function readId(kind: Kind, word: string): string {
  return bare(kind, word)
}

/** `cloud-default` is the pool `default`. */
export function placeOfCloud(cloudId: string): Place {
  return `cloud:${bare('cloud', cloudId)}`
}

export function placeOfMachine(machineId: string): Place {
  return `machine:${bare('machine', machineId)}`
}

/** One of the two is where it runs, the other is null. */
export function showPlace(place: Place): { readonly machineId: string | null; readonly cloudId: string | null } {
  const name = place.slice(place.indexOf(':') + 1)
  return place.startsWith('cloud:')
    ? { machineId: null, cloudId: `cloud-${name}` }
    : { machineId: `machine-${name}`, cloudId: null }
}

function bare(kind: string, word: string): string {
  return word.startsWith(`${kind}-`) ? word.slice(kind.length + 1) : word
}
