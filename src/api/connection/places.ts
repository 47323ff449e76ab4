import type { Socket } from 'node:net'

/** Connections that share a limit. */
export interface Places {
  readonly size: number
  readonly hasRoom: boolean
  /** Of the connections that have no request under way, the one that has had none for longest. */
  readonly longestIdle: Socket | undefined
  /** A connection takes a place; it is idle until its first request. */
  join(socket: Socket): void
  leave(socket: Socket): void
  setIdle(socket: Socket, isIdle: boolean): void
}

export function createPlaces(max: number): Places {
  const taken = new Set<Socket>()
  const idle = new Set<Socket>()
  return {
    get size() {
      return taken.size
    },
    get hasRoom() {
      return taken.size < max
    },
    get longestIdle() {
      return idle.values().next().value
    },
    join(socket) {
      taken.add(socket)
      idle.add(socket)
    },
    leave(socket) {
      taken.delete(socket)
      idle.delete(socket)
    },
    setIdle(socket, isIdle) {
      // Also what was idle before goes to the end of the line.
      idle.delete(socket)
      if (isIdle && taken.has(socket)) idle.add(socket)
    },
  }
}
