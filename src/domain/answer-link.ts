import type { Role } from './principal.ts'

/** The request for answer links of a subscription: the one user who may answer by them, and whose key allowed it. */
export interface AnswerLinks {
  readonly userId: string
  /** The role of the key that asked for the links: they open nothing that it could not grant. */
  readonly grantedRole: Role
  /** The key that asked for them, which must still be valid; null for a JSON web token and the administrator's own key. */
  readonly grantedKeyId: string | null
}

/** A link by which one user may answer one prompt once. Its token is not stored. */
export interface AnswerLink extends AnswerLinks {
  /** The SHA-256 of the token, 64 hexadecimal digits. */
  readonly tokenHash: string
  readonly prompt: string
  readonly expiresAt: number
  readonly usedAt: number | null
}

/** A link as it is delivered. Its URL holds the token, which is known to nobody else from here on. */
export interface MintedLink {
  readonly url: string
  readonly expiresAt: number
}
