import type { Capability } from './capability.ts'
import type { Digest } from './content.ts'

/** The rules for a finding: allow it, replace it with a stand-in, or block the action. */
export const contentRules = ['allow', 'redact', 'block'] as const
/** The rule for a finding. */
export type ContentRule = (typeof contentRules)[number]

/** The properties of a task that can be proven from its record, by name. A policy names those that it requires. */
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
/** The name of a provable property. */
export type ProofName = (typeof proofNames)[number]

/** The part of a policy that is data, as files hold it and responses show it. The other part is Cedar text. */
export interface PolicyDocument {
  /** The name by which requests refer to it: `[a-z0-9_]+`. */
  readonly name: string
  readonly title: string
  /** The most that a run under it may be granted. `*` leaves that open. */
  readonly ceiling: readonly Capability[]
  /** The capabilities of a run that requests none. */
  readonly defaults: readonly Capability[]
  readonly forbidden: readonly Capability[]
  readonly content: {
    readonly personal_data: ContentRule
    readonly secrets: ContentRule
    /** The keywords that are searched as whole words, without regard to case. */
    readonly blocked_keywords: readonly string[]
  }
  /** The labels that a run takes on by a finding in a result, by detector or group of detectors. */
  readonly labels_of_findings: Readonly<Record<string, readonly string[]>>
  /** The sinks that are closed to a run with a label. `*` closes all of them. */
  readonly closed_sinks: Readonly<Record<string, readonly string[]>>
  /** The actions that need a person's approval, by the categories that tools declare and by the names of tools. */
  readonly approvals: {
    readonly categories: readonly string[]
    readonly tools: readonly string[]
    /** Whether nobody may decide about what they asked for themselves: neither the user that the run acts for, nor the key that submitted it. */
    readonly four_eyes?: boolean | undefined
  }
  readonly proofs: readonly ProofName[]
  readonly retention_days: number
  /** Whether a run that was denied anything ends `blocked`, whatever it did afterwards. */
  readonly denial_is_final: boolean
  /**
   * Whether prompts may be answered by one-time links. Left out, they may, except under a version of `hipaa`, `sox` or
   * `legal_privilege` from before there were links.
   */
  readonly answer_links?: 'allow' | 'deny' | undefined
}

/**
 * One version of a policy, which never changes and is found by its digest. A run keeps the version that it was queued
 * under.
 */
export interface PolicyVersion {
  /** `sha256:` over the RFC 8785 bytes of `{"cedar": …, "document": …}`. */
  readonly digest: Digest
  readonly document: PolicyDocument
  readonly cedar: string
}

/** The reference of a run to the version of its policy. */
export interface PolicyRef {
  readonly name: string
  readonly digest: Digest
}

/** The name of the policy that applies where nothing else names one. */
export const defaultPolicyName = 'default'

/** Aliases of policies in requests. */
export const policyAliases: Readonly<Record<string, string>> = { legal: 'legal_privilege' }

/** The name of the policy that a word refers to, which usually is the word itself. */
export function policyNameOf(word: string): string {
  return (Object.hasOwn(policyAliases, word) ? policyAliases[word] : undefined) ?? word
}
