import type { Dialect, Role } from './principal.ts'

/** A person or service that owns tasks. */
export interface User {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly teamId: string | null
  readonly defaultProvider: string | null
  readonly defaultModel: string | null
  readonly createdAt: number
}

/** A group of users who may share tasks. */
export interface Team {
  readonly id: string
  readonly name: string
  readonly webhookUrl: string | null
  readonly defaultProvider: string | null
  readonly defaultModel: string | null
  readonly createdAt: number
}

/** A credential. Only `verifier`, an HMAC-SHA-256 of the full key under the server's pepper, is stored. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly dialect: Dialect
  /** The part of the key in clear, by which it is looked up and recognised in lists. It is unique. */
  readonly prefix: string
  readonly verifier: string
  readonly userId: string
  readonly agentId: string | null
  readonly role: Role
  readonly createdAt: number
  readonly revokedAt: number | null
}
