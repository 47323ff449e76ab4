import type { Place } from '../../../domain/task.ts'

/** The prefix of an id, which says what the id names. */
type Kind = 'task' | 'chat' | 'agent' | 'user'

/** Writes an id as Agentrix shows it: `task-<id>`, `chat-<id>`, `agent-<id>`, `user-<id>`. */
export function showId(kind: Kind, id: string): string {
  return `${kind}-${id}`
}

/** Writes an id as Agentrix shows it, and keeps null. */
export function showIdOrNull(kind: Kind, id: string | null): string | null {
  return id === null ? null : showId(kind, id)
}

/** Reads the id that a client sent. It accepts the bare id too, as the other APIs of this server show it. */
export function readId(kind: Kind, word: string): string {
  return bare(kind, word)
}

/** Reads the pool of a cloud id: `cloud-default` is the pool `default`. */
export function placeOfCloud(cloudId: string): Place {
  return `cloud:${bare('cloud', cloudId)}`
}

/** Reads the machine of a machine id, with or without its prefix. */
export function placeOfMachine(machineId: string): Place {
  return `machine:${bare('machine', machineId)}`
}

/** Shows a place in two fields: one names where the task runs, the other is null. */
export function showPlace(place: Place): { readonly machineId: string | null; readonly cloudId: string | null } {
  const name = place.slice(place.indexOf(':') + 1)
  return place.startsWith('cloud:')
    ? { machineId: null, cloudId: `cloud-${name}` }
    : { machineId: `machine-${name}`, cloudId: null }
}

function bare(kind: string, word: string): string {
  return word.startsWith(`${kind}-`) ? word.slice(kind.length + 1) : word
}
