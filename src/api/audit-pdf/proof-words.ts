import type { ProofName } from '../../domain/policy.ts'

const authorized = 'Only its owner or an administrator had it run, and nothing was done beyond what was granted.'

/** What each proof means to a person; what exactly is looked at: src/proof/package/proofs.ts. */
export const proofWords: Readonly<Record<ProofName, string>> = {
  no_phi_external_flow:
    'Nothing that had read health data could pass anything on, and no personal data was handed out.',
  minimum_necessary_access: 'No run was granted everything, and each call was covered by what its run was granted.',
  authorized_user_only: authorized,
  no_mnpi_leak: 'Nothing that had read material non-public information could pass anything on.',
  segregation_of_duties: 'Nothing was done that needs the approval of another person and had none.',
  authorized_access_only: authorized,
  no_privilege_waiver: 'Nothing that had read privileged matter could pass anything on.',
  client_authorized: authorized,
}
