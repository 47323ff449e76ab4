import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'

/**
 * Tickets, which stand in an address and show one task to a client that has no way to send a key. A ticket names the
 * credential that it was issued to and the instant before which it must be used, and is an HMAC over both and the task.
 * It is stored nowhere: each response that holds one makes a new one, and it opens nothing once its credential is
 * revoked or expired.
 */
export interface Tickets {
  issue(principal: Principal, taskId: string): string
  /**
   * Resolves with the current state of the principal that a ticket for this task was issued to. Refuses
   * `unauthenticated`, whatever the reason. An undefined task id matches no ticket.
   */
  redeem(ticket: string, taskId: string | undefined): Promise<Principal>
}

/** The dependencies of tickets. */
export interface TicketDeps {
  readonly clock: Clock
  readonly pepper: Uint8Array
  /** The time within which a ticket must be used. */
  readonly ticketMs: number
  /** The verifier of the administrator's unstored key, so that a ticket issued under an earlier one opens nothing. */
  readonly adminVerifier: Uint8Array | undefined
  readonly takesTokens: boolean
  /** Reads the caller again. Refuses `unauthenticated` where the credential is no longer valid. */
  readonly refresh: (principal: Principal) => Promise<Principal>
}

/** The form of a ticket: `<credential>.<use before, in base 36>.<HMAC>`. No part holds a dot or a slash. */
const form = /^([\w~-]{1,1200})\.([0-9a-z]{1,11})\.([\w-]{43})$/u

/** Creates the issuer of tickets under a key that is derived from the pepper. */
export function createTickets({ clock, pepper, ticketMs, adminVerifier, takesTokens, refresh }: TicketDeps): Tickets {
  const secret = Buffer.from(hkdfSync('sha256', pepper, '', 'mandate ticket v1', 32))
  const macOf = (credential: string, useBefore: string, taskId: string): Buffer => {
    const mac = createHmac('sha256', secret).update(JSON.stringify([credential, useBefore, taskId]))
    return mac.update(adminVerifier ?? '').digest()
  }
  const holderOf = (credential: string): Principal | undefined => {
    const holder = readCredential(credential)
    if (holder === undefined || holder.keyId !== null) return holder
    return (holder.token === undefined ? adminVerifier !== undefined : takesTokens) ? holder : undefined
  }
  return {
    issue(principal, taskId) {
      const credential = writeCredential(principal)
      const useBefore = (clock.now() + ticketMs).toString(36)
      return `${credential}.${useBefore}.${macOf(credential, useBefore, taskId).toString('base64url')}`
    },
    async redeem(ticket, taskId = '') {
      const [, credential = '', useBefore = '', mac = ''] = form.exec(ticket) ?? []
      const genuine = timingSafeEqual(padded(mac), macOf(credential, useBefore, taskId))
      const holder = genuine && clock.now() < Number.parseInt(useBefore, 36) ? holderOf(credential) : undefined
      if (holder === undefined) throw refused()
      return refresh(holder).catch((cause: unknown) => {
        throw cause instanceof Refusal ? refused(cause) : cause
      })
    },
  }
}

function padded(mac: string): Buffer {
  return Buffer.concat([Buffer.from(mac, 'base64url'), Buffer.alloc(32)], 32)
}

/**
 * The credential as a ticket names it: a key by its id, a token by its user and its expiry, the unstored key by a fixed
 * word.
 */
function writeCredential({ keyId, token, userId }: Principal): string {
  if (keyId !== null) return `k~${keyId}`
  return token === undefined ? 'a' : `t~${Buffer.from(userId).toString('base64url')}~${token.expiresAt.toString(36)}`
}

/** The principal that a ticket names, with the properties that `refresh` reads it by. */
function readCredential(text: string): Principal | undefined {
  const [kind, id = '', end = ''] = text.split('~')
  const nobody = { userId: '', teamId: null, agentId: null, keyId: null }
  if (kind === 'k') return { ...nobody, role: 'viewer', dialect: 'native', keyId: id }
  if (kind === 'a') return { ...nobody, role: 'admin', dialect: 'native' }
  if (kind !== 't') return undefined
  const userId = Buffer.from(id, 'base64url').toString()
  return { ...nobody, userId, role: 'operator', dialect: 'neo', token: { expiresAt: Number.parseInt(end, 36) } }
}

function refused(cause?: unknown): Refusal {
  return new Refusal('unauthenticated', 'The address is not valid any more. Ask for a new one, or send a key.', {
    cause,
  })
}
