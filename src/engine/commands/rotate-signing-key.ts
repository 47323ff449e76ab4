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
 * Makes a new key sign from now on, also for runs that are under way. Statements of the key before stay verifiable. The new
 * key is on disk first; then the rotation, signed by both, goes to the log. After a crash in between, `stateRotation` does
 * that at the next start. Refuses `role_forbidden`.
 */
export async function rotateSigningKey(deps: RotationDeps, principal: Principal): Promise<SignedStatement> {
  requireAdministrator(principal)
  // An earlier rotation may not be in the log yet. Its old key could not sign for it after the next rotation.
  await stateRotation(deps)
  const { from, to } = await deps.signingKeys.rotate(deps.clock.now())
  return await commitRotation(deps, from, to)
}

/**
 * Puts the last rotation into the log where it is missing. It is called at the start, before anything else is signed. Answers
 * with the statement that it made, or undefined where nothing was missing.
 */
export async function stateRotation(deps: RotationDeps): Promise<SignedStatement | undefined> {
  const { keyring, previous } = deps.signingKeys
  const to = keyring.current
  if (previous === undefined || (await deps.store.readSetting(statedSetting(to))) !== undefined) return undefined
  return await commitRotation(deps, previous, to)
}

/** Commits the statement of a rotation once, whoever comes first: its bytes are the same for all. */
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
