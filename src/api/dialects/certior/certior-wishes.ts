import type { TaskSnapshot } from '../../../domain/evolve.ts'
import type { JsonObject } from '../../../domain/json.ts'
import type { VerificationProfile } from './contract/task-request.ts'

/** What a Certior request asked for that the core keeps and does not interpret. */
export interface CertiorWishes {
  readonly compliancePolicy: string
  /** Null for a task of another dialect, which named none. */
  readonly budgetCents: number | null
  readonly permissions: string[] | null
  readonly webhookUrl: string | undefined
  readonly verificationProfile: VerificationProfile | undefined
}

const none: JsonObject = {}

/** As frozen with the run; a later turn that came through another dialect froze nothing, and the task's own words count. */
export function wishesOf({ task, run }: TaskSnapshot): CertiorWishes {
  const kept = task.dialect === 'certior' ? { ...task.extension, ...run.config.extension } : none
  // Written by readTaskRequest only, so that every value has its type.
  const { compliance_policy, budget_cents, permissions, webhook_url, verification_profile } = kept
  return {
    compliancePolicy: (compliance_policy ?? 'default') as string,
    budgetCents: (budget_cents ?? null) as number | null,
    permissions: (permissions ?? null) as string[] | null,
    webhookUrl: webhook_url as string | undefined,
    verificationProfile: verification_profile as VerificationProfile | undefined,
  }
}
