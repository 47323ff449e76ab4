import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { JsonObject } from '../../../domain/json.ts'
import { anyObject, listOf, nullable, optional, text } from '../../../domain/shape.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import type { VerificationProfile } from './contract/task-request.ts'

/** The options of a Certior request that the core keeps and does not interpret. */
export interface CertiorOptions {
  /** Null where none were requested, and for a task of another dialect. */
  readonly permissions: readonly string[] | null
  readonly webhookUrl: string | undefined
  readonly verificationProfile: VerificationProfile | undefined
}

/**
 * Converts the options to the JSON that is stored with the task. Texts that the user wrote freely stand under
 * `private`, and are purged with the contents.
 */
export function extensionOf({ permissions, webhookUrl, verificationProfile }: CertiorOptions): JsonObject {
  return {
    permissions: permissions && [...permissions],
    private: {
      ...(webhookUrl !== undefined && { webhook_url: webhookUrl }),
      // The profile was parsed from JSON, so that it holds nothing else.
      ...(verificationProfile !== undefined && { verification_profile: verificationProfile as JsonObject }),
    },
  }
}

const kept = defineExtension({
  permissions: optional(nullable(listOf(text))),
  // This field is absent once the contents are purged.
  private: optional(anyObject),
})
const keptPrivately = defineExtension({
  webhook_url: optional(text),
  verification_profile: optional(anyObject),
})
const keptOfProfile = defineExtension({
  task_class: optional(nullable(text)),
  stage_role: optional(nullable(text)),
  stage_id: optional(nullable(text)),
  upstream_execution_ids: optional(nullable(listOf(text))),
})

/**
 * Reads the options that were frozen with the run. A later turn through another dialect froze none, and then the
 * options of the task count.
 */
export function optionsOf({ task, run }: TaskSnapshot): CertiorOptions {
  if (task.dialect !== 'certior') return { permissions: null, webhookUrl: undefined, verificationProfile: undefined }
  const { permissions = null, private: hidden = {} } = kept({ ...task.extension, ...run.config.extension })
  const { webhook_url, verification_profile } = keptPrivately(hidden)
  // The reader of the stored options has checked the form.
  const profile = verification_profile && (keptOfProfile(verification_profile) as VerificationProfile)
  return { permissions, webhookUrl: webhook_url, verificationProfile: profile }
}
