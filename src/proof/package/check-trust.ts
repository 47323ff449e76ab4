import { bytesOfBase64 } from '../base64.ts'
import { keyIdOf } from '../ed25519.ts'
import { BrokenLink, demand } from './broken-link.ts'
import type { PlacedOf } from './open-statements.ts'

/** The id of the key that a pin names: the id itself, or the public key in base64. Undefined for anything else. */
export function keyIdOfPin(pin: string): string | undefined {
  if (/^ed25519:[0-9a-f]{32}$/u.test(pin)) return pin
  const bytes = bytesOfBase64(pin)
  return bytes?.byteLength === 32 ? keyIdOf(bytes) : undefined
}

/**
 * Checks that every signing key is pinned, or connected with a pinned key by rotations, which both keys sign. A key is
 * followed by one key and follows one key: a second successor of a stolen key is none. Returns the pins that count, and
 * throws where a signer is connected with none.
 */
export function checkTrust(
  pins: readonly string[],
  signers: ReadonlySet<string>,
  rotations: readonly PlacedOf<'rotation'>[],
): readonly string[] {
  const [next, previous] = [new Map<string, string>(), new Map<string, string>()]
  for (const { where, statement } of rotations) {
    const { from, to } = statement
    demand(!next.has(from.key_id), where, `the key ${from.key_id} was handed on before`)
    demand(!previous.has(to.key_id), where, `the key ${to.key_id} came from another key before`)
    next.set(from.key_id, to.key_id)
    previous.set(to.key_id, from.key_id)
  }
  if (pins.length === 0) return []
  const trusted = new Set<string>()
  const counting: string[] = []
  for (const pin of pins) {
    const keyId = keyIdOfPin(pin)
    if (keyId === undefined)
      throw new BrokenLink('pinned key', `${pin} is neither the id of a key nor its 32 bytes in base64`)
    const reached = [...follow(keyId, next), ...follow(keyId, previous)]
    if (reached.some((one) => signers.has(one))) counting.push(keyId)
    for (const one of reached) trusted.add(one)
  }
  for (const signer of signers) {
    const known = `pinned: ${pins.map(keyIdOfPin).join(', ')}`
    demand(trusted.has(signer), 'keys', `signed by another key than the pinned one: ${signer} signs, ${known}`)
  }
  return counting
}

/** A key and the keys that it leads to. */
function follow(keyId: string, steps: ReadonlyMap<string, string>): readonly string[] {
  const keys = [keyId]
  for (;;) {
    const step = steps.get(keys.at(-1) ?? '')
    if (step === undefined || keys.includes(step)) return keys
    keys.push(step)
  }
}
