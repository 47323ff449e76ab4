import type { Socket } from 'node:net'

/** Connections that share a limit. */
export interface Places {
  readonly size: number
  readonly hasRoom: boolean
  /** The connection that has been without a request for longest; undefined where each has one under way. */
  readonly longestIdle: Socket | undefined
  /** Gives a place to a connection, which is idle until its first request. */
  join(socket: Socket): void
  leave(socket: Socket): void
  setIdle(socket: Socket, isIdle: boolean): void
}

/** Creates the places of one limit, all of them free. */
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
      // A connection that was idle before also goes to the end of the line.
      idle.delete(socket)
      if (isIdle && taken.has(socket)) idle.add(socket)
    },
  }
}
