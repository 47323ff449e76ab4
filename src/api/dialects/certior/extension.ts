import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { JsonObject } from '../../../domain/json.ts'
import { anyObject, listOf, nullable, optional, text } from '../../../domain/shape.ts'
import { defineExtension } from '../../edge/define-extension.ts'
import type { VerificationProfile } from './contract/task-request.ts'

/** What a Certior request asked for that the core keeps and does not interpret. */
export interface CertiorOptions {
  /** Null where none were asked for, and for a task of another dialect. */
  readonly permissions: readonly string[] | null
  readonly webhookUrl: string | undefined
  readonly verificationProfile: VerificationProfile | undefined
}

/** As it is kept with the task. What its user wrote freely goes with the contents. */
export function extensionOf({ permissions, webhookUrl, verificationProfile }: CertiorOptions): JsonObject {
  return {
    permissions: permissions && [...permissions],
    private: {
      ...(webhookUrl !== undefined && { webhook_url: webhookUrl }),
      // It came as JSON, so it holds nothing else.
      ...(verificationProfile !== undefined && { verification_profile: verificationProfile as JsonObject }),
    },
  }
}

const kept = defineExtension({
  permissions: optional(nullable(listOf(text))),
  // Not there once the contents are purged.
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

/** As frozen with the run; a later turn that came through another dialect froze nothing, and what the task keeps counts. */
export function optionsOf({ task, run }: TaskSnapshot): CertiorOptions {
  if (task.dialect !== 'certior') return { permissions: null, webhookUrl: undefined, verificationProfile: undefined }
  const { permissions = null, private: hidden = {} } = kept({ ...task.extension, ...run.config.extension })
  const { webhook_url, verification_profile } = keptPrivately(hidden)
  // Checked by the line that reads it.
  const profile = verification_profile && (keptOfProfile(verification_profile) as VerificationProfile)
  return { permissions, webhookUrl: webhook_url, verificationProfile: profile }
}
