import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'

/** What is done where a detector finds something: nothing, a stand-in instead of it, or no action at all. */
export const contentRules = ['allow', 'redact', 'block'] as const
export type ContentRule = (typeof contentRules)[number]

/** What can be proven of a task from its record, by name; a policy names those that it requires. */
export const proofNames = [
  'no_phi_external_flow',
  'minimum_necessary_access',
  'authorized_user_only',
  'no_mnpi_leak',
  'segregation_of_duties',
  'authorized_access_only',
  'no_privilege_waiver',
  'client_authorized',
] as const
export type ProofName = (typeof proofNames)[number]

/** The part of a policy that is data, as it is written in files and shown; its other part is Cedar text. */
export interface PolicyDocument {
  /** `[a-z0-9_]+`, how requests name it. */
  readonly name: string
  readonly title: string
  /** The most that any run under it may do; `*` leaves that open. */
  readonly ceiling: readonly Capability[]
  /** What a run gets that asked for nothing. */
  readonly defaults: readonly Capability[]
  readonly forbidden: readonly Capability[]
  readonly content: {
    readonly personal_data: ContentRule
    readonly secrets: ContentRule
    /** Found without regard to case, in whole words. */
    readonly blocked_keywords: readonly string[]
  }
  /** Which labels a run takes on where a detector finds something in a result, by detector or detector group. */
  readonly labels_of_findings: Readonly<Record<string, readonly string[]>>
  /** Which sinks are closed to a run with a label; `*` closes all of them. */
  readonly closed_sinks: Readonly<Record<string, readonly string[]>>
  /** What needs a person's approval: by the categories that tools declare, and by the names of tools. */
  readonly approvals: { readonly categories: readonly string[]; readonly tools: readonly string[] }
  readonly proofs: readonly ProofName[]
  readonly retention_days: number
  /** A run that was denied anything ends `blocked`, whatever it did after. */
  readonly denial_is_final: boolean
}

/** One version of a policy: never changed, found by its digest. A run keeps the version that it was queued under. */
export interface PolicyVersion {
  /** `sha256:` over the RFC 8785 bytes of `{"cedar": …, "document": …}`. */
  readonly digest: Digest
  readonly document: PolicyDocument
  readonly cedar: string
}

/** How a run names the version of its policy. */
export interface PolicyRef {
  readonly name: string
  readonly digest: Digest
}

export const defaultPolicyName = 'default'

/** Other words for policies, in requests. */
export const policyAliases: Readonly<Record<string, string>> = { legal: 'legal_privilege' }

/** The name of the policy that a word stands for: mostly the word itself. */
export function policyNameOf(word: string): string {
  return (Object.hasOwn(policyAliases, word) ? policyAliases[word] : undefined) ?? word
}
