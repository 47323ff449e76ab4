import type { Principal } from '../../domain/principal.ts'
import type { Signer } from '../../domain/signer.ts'
import type { SignedStatement } from '../../domain/statement.ts'
import { base64Of } from '../../proof/base64.ts'
import { signRotation } from '../../proof/signed-statement.ts'
import { absentSetting } from '../../store/commit.ts'
import { requireAdministrator } from '../access/require-administrator.ts'
import type { EngineDeps } from '../engine-deps.ts'

type RotationDeps = Pick<EngineDeps, 'store' | 'clock' | 'notary' | 'signingKeys'>

/**
 * Another key signs from now on, also for runs that are under way; what the one before has signed stays verifiable. The key
 * is on disk first, then the rotation, signed by both, goes to the log: after a crash in between, `stateRotation` does that
 * at the next start. Refuses `role_forbidden`.
 */
export async function rotateSigningKey(deps: RotationDeps, principal: Principal): Promise<SignedStatement> {
  requireAdministrator(principal)
  // Of an earlier rotation that could not be stated: after the next one its old key could sign nothing more.
  await stateRotation(deps)
  const { from, to } = await deps.signingKeys.rotate(deps.clock.now())
  return await commitRotation(deps, from, to)
}

/**
 * Puts the last rotation into the log where it is not there yet. To be called at the start, before anything else is signed.
 * Answers with the statement that was made; undefined where there was nothing to state.
 */
export async function stateRotation(deps: RotationDeps): Promise<SignedStatement | undefined> {
  const { keyring, previous } = deps.signingKeys
  const to = keyring.current
  if (previous === undefined || (await deps.store.readSetting(statedSetting(to))) !== undefined) return undefined
  return await commitRotation(deps, previous, to)
}

/** Stated once, whoever comes to it: all make the same bytes of it. */
async function commitRotation(deps: RotationDeps, from: Signer, to: Signer): Promise<SignedStatement> {
  const record = deps.signingKeys.keyring.keys.find(({ key_id }) => key_id === to.keyId)
  const statement = signRotation(from, to, {
    kind: 'rotation',
    log_id: deps.notary.logId,
    from: { key_id: from.keyId, public_key: base64Of(from.publicKey) },
    to: { key_id: to.keyId, public_key: base64Of(to.publicKey) },
    issued_at: record?.created_at ?? deps.clock.now(),
  })
  await deps.store.commit({
    require: [absentSetting(statedSetting(to))],
    write: [
      { kind: 'add_statements', statements: [statement] },
      { kind: 'put_setting', name: statedSetting(to), value: statement.digest },
    ],
  })
  return statement
}

function statedSetting({ keyId }: Signer): string {
  return `rotation_stated:${keyId}`
}
