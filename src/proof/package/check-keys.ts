import { bytesOfBase64 } from '../base64.ts'
import { keyIdOf } from '../ed25519.ts'
import type { PublicKeyOf } from '../signed-statement.ts'
import type { PackagedKey } from './audit-package.ts'
import { demand, demandEqual } from './broken-link.ts'

/**
 * Reads the package's keys by their ids. Each id must follow from its key, and the keys must be sorted and distinct.
 */
export function readKeys(keys: readonly PackagedKey[]): PublicKeyOf {
  const known = new Map<string, Uint8Array>()
  let before = ''
  for (const [i, { key_id, public_key }] of keys.entries()) {
    const where = `keys[${i}]`
    const bytes = bytesOfBase64(public_key)
    demand(bytes !== undefined, where, 'the public key is not canonical base64')
    demandEqual(where, 'the id of the key', key_id, keyIdOf(bytes), 'the key itself')
    demand(before < key_id, where, `the keys are not in the order of their ids, or ${key_id} stands twice`)
    before = key_id
    known.set(key_id, bytes)
  }
  return (keyId) => known.get(keyId)
}

/**
 * Checks that every listed key signs something. That every signature is by a listed key was checked when it was
 * verified.
 */
export function checkKeysUsed(keys: readonly PackagedKey[], signers: ReadonlySet<string>): void {
  for (const [i, { key_id }] of keys.entries()) {
    demand(signers.has(key_id), `keys[${i}]`, `the key ${key_id} signs nothing in the package`)
  }
}
