import type { PolicyVersion } from '../../domain/policy.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { PolicyProblem } from '../../guard/policy/policy-problem.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import { commitOnce } from '../../store/commit-once.ts'
import type { PolicySummary } from '../../store/store.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { checkPolicyTexts, type PolicyTexts } from '../queries/list-policies.ts'

/**
 * Adds a policy, or a new version of one that an operator added. Runs that are queued from now on get it, earlier ones keep
 * theirs. The same texts again change nothing. Refuses `role_forbidden`, `policy_invalid` with each problem and its place,
 * `name_taken` for the name of a policy that ships with the server, `limit_exceeded` (`policies_max`).
 */
export async function addPolicy(
  deps: EngineDeps,
  principal: Principal,
  texts: PolicyTexts,
  request?: IdempotentRequest,
): Promise<PolicySummary> {
  requireAdministrator(principal)
  const { version, problems } = await checkPolicyTexts(deps, principal, texts)
  if (version === null) throw invalidPolicy(problems)
  const { name } = version.document
  const [newest] = await deps.store.listPolicyVersions(name)
  if (newest?.builtin) {
    const fields = [{ field: 'document.name', message: 'is the name of a policy that ships with the server' }]
    throw new Refusal('name_taken', `The policy ${name} ships with the server. Choose another name.`, { fields })
  }
  if (newest === undefined) await checkCount(deps)
  if (newest?.version.digest === version.digest) return newest
  const at = deps.clock.now()
  const added: PolicySummary = { version, builtin: false, createdAt: at }
  await commitOnce(deps.store, { write: [{ kind: 'put_policy', version, builtin: false, at }] }, request, {
    made: added,
  })
  return added
}

/** The refusal of a policy that is not valid: one field per problem, named by its place (`cedar:3:7`). */
export function invalidPolicy(problems: readonly PolicyProblem[]): Refusal {
  const fields = problems.map(({ where, line, column, message, hint }) => ({
    field: `${where}:${line}:${column}`,
    message: hint === null ? message : `${message} ${hint}`,
  }))
  return new Refusal('policy_invalid', 'The policy is not valid; nothing was stored.', { fields })
}

async function checkCount({ store, limits }: EngineDeps): Promise<void> {
  const most = limits.policies_max
  if ((await store.listPolicies()).length < most) return
  const message = `There are ${most} policies already (policies_max).`
  throw new Refusal('limit_exceeded', message, { limit: 'policies_max' })
}

/**
 * Stores the policies that ship with this version, at the start of the server: in one commit, or none where nothing changed.
 * A policy whose name an operator has taken is left out and reported, so that an upgrade never changes what runs are held to.
 */
export async function installBuiltinPolicies(
  { store, clock, log }: Pick<EngineDeps, 'store' | 'clock' | 'log'>,
  versions: readonly PolicyVersion[],
): Promise<void> {
  const known = new Map((await store.listPolicies()).map((summary) => [summary.version.document.name, summary]))
  const at = clock.now()
  const write = versions.flatMap((version) => {
    const { name } = version.document
    const newest = known.get(name)
    if (newest?.builtin === false) {
      log.warn(
        { policy: name },
        'a policy that ships with the server is left out: an operator has added one of its name',
      )
      return []
    }
    return newest?.version.digest === version.digest
      ? []
      : [{ kind: 'put_policy' as const, version, builtin: true, at }]
  })
  if (write.length > 0) await store.commit({ write })
}
