import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Principal } from '../domain/principal.ts'
import { Refusal } from '../domain/refusal.ts'

/**
 * A ticket stands in an address and shows one task to who has no way to send a key. It names the credential that it was given
 * to and the instant before which it is to be used, and is an HMAC over both and the task. It is kept nowhere: each answer
 * that holds one makes a new one, and it is good for nothing once its credential is revoked or expired.
 */
export interface Tickets {
  issue(principal: Principal, taskId: string): string
  /**
   * Whom a ticket for this task was given to, as they are now; undefined names none. Refuses `unauthenticated`, whatever is
   * wrong with it.
   */
  redeem(ticket: string, taskId: string | undefined): Promise<Principal>
}

export interface TicketDeps {
  readonly clock: Clock
  readonly pepper: Uint8Array
  /** For how long a ticket can be used. */
  readonly ticketMs: number
  /** What the administrator's unstored key is known by, so that a ticket of an earlier one opens nothing. */
  readonly adminVerifier: Uint8Array | undefined
  readonly takesTokens: boolean
  /** The caller as they are now; refuses `unauthenticated` where their credential is good no more. */
  readonly refresh: (principal: Principal) => Promise<Principal>
}

/** `<credential>.<use before, in base 36>.<HMAC>`; none of the parts holds a dot or a slash. */
const form = /^([\w~-]{1,1200})\.([0-9a-z]{1,11})\.([\w-]{43})$/u

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

/** The credential as a ticket names it: a key by its id, a token by its user and its end, the unstored key by itself. */
function writeCredential({ keyId, token, userId }: Principal): string {
  if (keyId !== null) return `k~${keyId}`
  return token === undefined ? 'a' : `t~${Buffer.from(userId).toString('base64url')}~${token.expiresAt.toString(36)}`
}

/** Whom it names, by what `refresh` looks them up by. */
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
