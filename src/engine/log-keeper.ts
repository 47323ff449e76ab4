import type { SignedHead } from '../domain/statement.ts'

/** Signs the heads of the log that grows, and keeps the nodes that proofs are made of. */
export interface LogKeeper {
  /** From now on a new leaf is under a signed head within a second. */
  start(): void
  /** The newest head, made now where need be: it covers every statement whose commit was acknowledged before the call. */
  cover(): Promise<SignedHead>
  /** Covers what is there, and signs nothing more. */
  stop(): Promise<void>
}
