import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { HoldsAddress } from './server-record.ts'

const loopback = '127.0.0.1'
/** Whoever connects says the token within so long. */
const tokenMsMax = 5_000
const heldWord = 'held\n'

/**
 * Who uses a temporary server. Each `mandate run` keeps one connection open while it needs the server; the system closes it
 * however that process ends. The process that started the server counts from the beginning, by its pipe to the server's
 * standard input, until that closes.
 */
export interface Holds {
  readonly address: HoldsAddress
  /** Resolves when nobody is left. From then on nobody is taken any more. */
  readonly unused: Promise<void>
}

/**
 * Opens the holds of a temporary server. `starter` counts as a holder until it ends. A connection that does not send
 * the token within five seconds is closed.
 */
export async function openHolds(starter: NodeJS.ReadableStream): Promise<Holds> {
  const token = randomBytes(24).toString('hex')
  const holders = new Set<object>([starter])
  const { promise: unused, resolve: end } = Promise.withResolvers<void>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const letGo = () => {
      // The last one's connection closes with the process: so that its holder knows when everything has ended.
      if (leave(socket)) return
      socket.end()
    }
    socket.on('error', () => socket.destroy())
    socket.setTimeout(tokenMsMax, () => socket.destroy())
    socket.once('data', (said) => {
      if (!isToken(said, token)) return socket.destroy()
      socket.setTimeout(0)
      socket.once('end', letGo).once('close', letGo)
      holders.add(socket)
      return socket.write(heldWord)
    })
  })
  /** Answers whether that was the last. */
  const leave = (holder: object): boolean => {
    if (!holders.delete(holder) || holders.size > 0) return false
    server.close()
    end()
    return true
  }
  starter
    .once('end', () => leave(starter))
    .once('close', () => leave(starter))
    .resume()
  server.listen(0, loopback)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { address: { port, token }, unused }
}

/** Held until it is let go of, or this process ends. */
export interface Hold {
  /** Resolves when the server has ended, or at once where others hold it too. */
  letGo(): Promise<void>
}

/** Undefined where the server is ending, or gone. */
export async function takeHold({ port, token }: HoldsAddress): Promise<Hold | undefined> {
  const socket = connect(port, loopback)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => socket.destroy())
  socket.write(token)
  const said = await Promise.race([once(socket, 'data').then(String, () => ''), closed])
  if (said !== heldWord) {
    socket.destroy()
    return undefined
  }
  return {
    letGo() {
      socket.resume().end()
      return closed
    },
  }
}

function isToken(said: Buffer | string, token: string): boolean {
  const given = Buffer.from(said)
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
