import type { SigningKeys } from '../engine/signing-keys.ts'
import type { Notary } from '../signer/notary.ts'
import type { PublicKeyRecord, Signer } from '../signer/signer.ts'
import type { Store } from '../store/store.ts'

/** The public keys, kept in the database too: a backup without its key files still shows who signed what is in it. */
const publicKeysSetting = 'public_keys'

/**
 * Who signs: the keys of the data folder, with the public ones that the database has known before. Writes only where there
 * is a new one.
 */
export async function openNotary(store: Store, logId: string, signing: SigningKeys): Promise<Notary> {
  const kept: PublicKeyRecord[] = JSON.parse((await store.readSetting(publicKeysSetting)) ?? '[]')
  const all = () => mergeKeys(kept, signing.keyring.keys)
  const text = JSON.stringify(all())
  if (text !== JSON.stringify(kept)) {
    await store.commit({ write: [{ kind: 'put_setting', name: publicKeysSetting, value: text }] })
  }
  return {
    logId,
    keyring: {
      get current(): Signer {
        return signing.keyring.current
      },
      get keys() {
        return all()
      },
    },
  }
}

/** The oldest first; what the key file says of a key goes before what was written down once. */
function mergeKeys(kept: readonly PublicKeyRecord[], held: readonly PublicKeyRecord[]): PublicKeyRecord[] {
  const known = new Set(held.map(({ key_id }) => key_id))
  const retiredAt = held[0]?.created_at ?? 0
  const gone = kept
    .filter(({ key_id }) => !known.has(key_id))
    .map((record) => ({ ...record, retired_at: record.retired_at ?? retiredAt }))
  return [...gone, ...held]
}
