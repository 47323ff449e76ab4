import type { Dialect, Role } from './principal.ts'

export interface User {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly teamId: string | null
  readonly defaultProvider: string | null
  readonly defaultModel: string | null
  readonly createdAt: number
}

export interface Team {
  readonly id: string
  readonly name: string
  readonly webhookUrl: string | null
  readonly defaultProvider: string | null
  readonly defaultModel: string | null
  readonly createdAt: number
}

/** A credential. Only `verifier`, an HMAC-SHA-256 of the full key under the server's pepper, is kept. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly dialect: Dialect
  /** The clear-text part by which a key is looked up and recognised in lists. Unique. */
  readonly prefix: string
  readonly verifier: string
  readonly userId: string
  readonly agentId: string | null
  readonly role: Role
  readonly createdAt: number
  readonly revokedAt: number | null
}
