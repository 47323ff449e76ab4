import type { SigningKeys } from '../engine/signing-keys.ts'
import type { Notary, PublicKeyRecord, Signer } from '../signer/signer.ts'
import type { Store } from '../store/store.ts'

/** The public keys, kept in the database too: a backup without its key files still shows who signed what is in it. */
const publicKeysSetting = 'public_keys'

/** Who signs, and the keys that do. A rotation is stated only once the database knows its key; the start makes up for a crash. */
export interface OpenedNotary {
  readonly notary: Notary
  readonly signingKeys: SigningKeys
}

/** The keys of the data folder, with the public ones that the database has known before. Writes only where there is a new one. */
export async function openNotary(store: Store, logId: string, held: SigningKeys): Promise<OpenedNotary> {
  let kept: PublicKeyRecord[] = JSON.parse((await store.readSetting(publicKeysSetting)) ?? '[]')
  const keep = async () => {
    const all = mergeKeys(kept, held.keyring.keys)
    if (JSON.stringify(all) === JSON.stringify(kept)) return
    await store.commit({ write: [{ kind: 'put_setting', name: publicKeysSetting, value: JSON.stringify(all) }] })
    kept = all
  }
  await keep()
  const keyring = {
    get current(): Signer {
      return held.keyring.current
    },
    get keys() {
      return mergeKeys(kept, held.keyring.keys)
    },
  }
  const signingKeys: SigningKeys = {
    keyring,
    get previous() {
      return held.previous
    },
    async rotate(now) {
      const rotated = await held.rotate(now)
      await keep()
      return rotated
    },
  }
  return { notary: { logId, keyring }, signingKeys }
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
