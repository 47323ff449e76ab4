import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { JsonObject, JsonValue } from '../../../domain/json.ts'
import type { VerificationProfile } from './contract/task-request.ts'

/** What a Certior request asked for that the core keeps and does not interpret. */
export interface CertiorWishes {
  /** Null where none were asked for, and for a task of another dialect. */
  readonly permissions: string[] | null
  readonly webhookUrl: string | undefined
  readonly verificationProfile: VerificationProfile | undefined
}

/** As it is kept with the task. What its user wrote freely goes with the contents. */
export function extensionOf({ permissions, webhookUrl, verificationProfile }: CertiorWishes): JsonObject {
  return {
    permissions,
    private: {
      ...(webhookUrl !== undefined && { webhook_url: webhookUrl }),
      // It came as JSON, so it holds nothing else.
      ...(verificationProfile !== undefined && { verification_profile: verificationProfile as JsonObject }),
    },
  }
}

const none: JsonObject = {}

/** As frozen with the run; a later turn that came through another dialect froze nothing, and the task's own words count. */
export function wishesOf({ task, run }: TaskSnapshot): CertiorWishes {
  const kept = task.dialect === 'certior' ? { ...task.extension, ...run.config.extension } : none
  // Written by extensionOf only, so that every value has its type; what is private is not there once the contents are purged.
  const { webhook_url, verification_profile } = isObject(kept['private']) ? kept['private'] : none
  return {
    permissions: (kept['permissions'] ?? null) as string[] | null,
    webhookUrl: webhook_url as string | undefined,
    verificationProfile: verification_profile as VerificationProfile | undefined,
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
