import type { Digest } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { Principal } from '../../domain/principal.ts'
import { isRefusal, Refusal } from '../../domain/refusal.ts'
import type { Certificate, SignedStatement } from '../../domain/statement.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { openStatement, signStatement } from '../../proof/signed-statement.ts'
import { currentAttempt, unrevoked } from '../../store/commit.ts'
import type { LoggedStatement } from '../../store/store.ts'
import { readTaskToChange } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { statementNotFound } from '../queries/list-statements.ts'

/**
 * Revokes a certificate before its action begins; the action is then settled as denied. Answers with the revocation, which is
 * in the log. A second request answers with the same one. Refuses `statement_not_found` (no certificate, or one of a task
 * that is not theirs), `role_forbidden`, and `certificate_used` once the action has begun or was settled, or may have begun
 * in an attempt that was lost.
 *
 * Why an action is never both begun and revoked: the runner and this command share a thread and the attempt's control. The
 * runner, in one turn, looks at `revoked`, adds the certificate to `used`, and begins. This command, in one turn, looks at
 * `used`, adds the certificate to `revoked`, and hands the commit to the store. Whichever turn is first, the other sees it.
 * The commit stands before anything the runner commits of the action after its own turn, so that the journal has
 * `action.revoked` before `action.settled`; it requires the certificate's own attempt, so that a run which was lost,
 * cancelled or taken up anew meanwhile refuses it. Where the commit fails because the store is unavailable, the certificate
 * stays in `revoked`: the action does not begin although nobody could record why, which is the safe side.
 */
export async function revokeCertificate(
  deps: EngineDeps,
  principal: Principal,
  digest: Digest,
): Promise<SignedStatement> {
  const found = await readCertificate(deps, principal, digest)
  const { certificate } = found
  const known = await findRevocation(deps, certificate)
  if (known !== undefined) return known
  // There must be no `await` from here until the commit is with the store.
  const control = deps.attempts.controlOf(certificate.run)
  if (control === undefined || control.used.has(digest)) throw used()
  control.revoked.add(digest)
  const revocation = await commitRevocation(deps, principal, digest, found)
  if (revocation !== undefined) return revocation
  const other = await findRevocation(deps, certificate)
  if (other !== undefined) return other
  throw used()
}

interface FoundCertificate {
  readonly certificate: Certificate
  readonly snapshot: TaskSnapshot
}

async function readCertificate(
  deps: Pick<EngineDeps, 'store'>,
  principal: Principal,
  digest: Digest,
): Promise<FoundCertificate> {
  const certificate = certificateOf(await deps.store.readStatement(digest))
  try {
    const snapshot = await readTaskToChange(deps, principal, certificate?.task ?? '')
    if (certificate !== undefined) return { certificate, snapshot }
  } catch (error) {
    throw isRefusal(error, 'task_not_found') ? statementNotFound() : error
  }
  throw statementNotFound()
}

function certificateOf(logged: LoggedStatement | undefined): Certificate | undefined {
  if (logged?.kind !== 'certificate') return undefined
  const opened = openStatement(logged.envelope)
  if (!('statement' in opened) || opened.statement.kind !== 'certificate') {
    throw new Error(`The certificate ${logged.digest} cannot be read.`)
  }
  return opened.statement
}

async function findRevocation({ store }: Pick<EngineDeps, 'store'>, { task, run, action }: Certificate) {
  const statements = await store.listStatements(task, run)
  return statements.find((one) => one.kind === 'revocation' && one.action === action)
}

/** Answers undefined where the attempt is over, or somebody else has revoked the certificate. */
async function commitRevocation(
  deps: EngineDeps,
  principal: Principal,
  digest: Digest,
  { certificate, snapshot }: FoundCertificate,
): Promise<SignedStatement | undefined> {
  const { run, action, step, attempt } = certificate
  const at = deps.clock.now()
  const signer = deps.notary.keyring.current
  const by = principal.userId
  const revocation = signStatement(signer, {
    kind: 'revocation',
    log_id: deps.notary.logId,
    key_id: signer.keyId,
    task: snapshot.task.id,
    run,
    action,
    certificate: digest,
    by,
    issued_at: at,
  })
  const facts = { step, action, certificate: digest, by }
  const event: NewEvent = { kind: 'action.revoked', run, attempt: null, at, facts, contents: {} }
  const after = await recordAndCommit(deps, snapshot, [event], {
    require: [currentAttempt(run, attempt), unrevoked(digest)],
    statements: [revocation],
  })
  return after === undefined ? undefined : revocation
}

function used(): Refusal {
  return new Refusal(
    'certificate_used',
    'The action of this certificate has begun, or was settled: it cannot be revoked.',
  )
}
