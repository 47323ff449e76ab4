import { createLockedBox, openBox, type PrivateKeyBox } from '../data-folder/private-key-box.ts'
import {
  damaged,
  type KeptKey,
  readSigningKeyFile,
  type SigningKeyFile,
  signingKeyPath,
  writeSigningKeyFile,
} from '../data-folder/signing-key-file.ts'
import type { PublicKeyRecord } from '../domain/signer.ts'
import type { SigningKeys } from '../engine/signing-keys.ts'
import { base64Of } from '../proof/base64.ts'
import { createEd25519Signer, newEd25519Key } from '../signer/ed25519/create-ed25519-signer.ts'
import type { Signer } from '../signer/signer.ts'
import type { Settings } from './settings.ts'
import { StartError } from './start-error.ts'

const secretName = 'MANDATE_SIGNING_KEY_SECRET'
const secretCharsMin = 16

/** Under what the signing keys are encrypted; undefined: they are kept as they are, in a file that only its owner can read. */
export function readSigningKeySecret(env: Settings): string | undefined {
  const secret = env[secretName] || undefined
  if (secret !== undefined && [...secret].length < secretCharsMin) {
    throw new StartError('usage', `${secretName} must have at least ${secretCharsMin} characters.`)
  }
  return secret
}

/** A key in memory; only the last two have their private half. */
interface HeldKey {
  readonly record: PublicKeyRecord
  readonly secret: { readonly pkcs8: Uint8Array; readonly signer: Signer } | undefined
}

/**
 * Opens the keys of a data folder, and makes them where there are none. A secret that is given for the first time encrypts
 * what was kept as it is. Having changed nothing, it throws DataFolderError for a file that is damaged, StartError where the secret does not open it.
 */
export async function openSigningKeys(
  dataFolder: string,
  secret: string | undefined,
  now: number,
): Promise<SigningKeys> {
  const path = signingKeyPath(dataFolder)
  const file = await readSigningKeyFile(path)
  const box = await boxFor(path, file, secret)
  const keys = file === undefined ? [newKey(now)] : await openKeys(path, file, box)
  const save = (held: readonly HeldKey[]) => writeSigningKeyFile(path, fileOf(held, box))
  if (file === undefined || (file.encryption === null && box.encryption !== null)) await save(keys)
  return createSigningKeys(keys, save)
}

/** The box that the file will be written with; it opens what is in the file unless that is not encrypted. */
async function boxFor(
  path: string,
  file: SigningKeyFile | undefined,
  secret: string | undefined,
): Promise<PrivateKeyBox> {
  const encryption = file?.encryption ?? null
  if (secret !== undefined) return await createLockedBox(secret, encryption?.salt)
  if (encryption === null) return openBox
  throw new StartError('usage', `the signing keys in ${path} are encrypted; set ${secretName} to open them.`)
}

async function openKeys(path: string, file: SigningKeyFile, box: PrivateKeyBox): Promise<HeldKey[]> {
  const source = file.encryption === null ? openBox : box
  return file.keys.map(({ private_key: kept, ...record }) => {
    if (kept === null) return { record, secret: undefined }
    const pkcs8 = source.take(record.key_id, kept)
    if (pkcs8 === undefined && source.encryption !== null) {
      throw new StartError('usage', `${secretName} does not open the signing keys in ${path}.`)
    }
    const secret = pkcs8 === undefined ? undefined : secretOf(path, pkcs8)
    if (secret?.signer.keyId !== record.key_id || base64Of(secret.signer.publicKey) !== record.public_key) {
      throw damaged(path, `the private key of ${record.key_id} is not its own`)
    }
    return { record, secret }
  })
}

function secretOf(path: string, pkcs8: Uint8Array): HeldKey['secret'] {
  try {
    return { pkcs8, signer: createEd25519Signer(pkcs8) }
  } catch (error) {
    throw damaged(path, 'it holds a private key that is none', error)
  }
}

function newKey(now: number): HeldKey & { readonly secret: NonNullable<HeldKey['secret']> } {
  const pkcs8 = newEd25519Key()
  const signer = createEd25519Signer(pkcs8)
  const record = { key_id: signer.keyId, public_key: base64Of(signer.publicKey), created_at: now, retired_at: null }
  return { record, secret: { pkcs8, signer } }
}

function fileOf(keys: readonly HeldKey[], box: PrivateKeyBox): SigningKeyFile {
  const kept = keys.map(
    ({ record, secret }): KeptKey => ({
      ...record,
      private_key: secret === undefined ? null : box.put(record.key_id, secret.pkcs8),
    }),
  )
  return { version: 1, encryption: box.encryption, keys: kept }
}

function createSigningKeys(opened: readonly HeldKey[], save: (keys: readonly HeldKey[]) => Promise<void>): SigningKeys {
  let keys = opened
  let lastRotation: Promise<unknown> = Promise.resolve()
  const current = () => {
    const signer = keys.at(-1)?.secret?.signer
    if (signer === undefined) throw new Error('The last of the keys can sign.')
    return signer
  }
  const rotateOnce = async (now: number) => {
    const from = current()
    const next = newKey(now)
    const before = keys.map((key, i) => (i === keys.length - 1 ? retired(key, now) : { ...key, secret: undefined }))
    await save([...before, next])
    keys = [...before, next]
    return { from, to: next.secret.signer }
  }
  return {
    keyring: {
      get current() {
        return current()
      },
      get keys() {
        return keys.map(({ record }) => record)
      },
    },
    get previous() {
      return keys.at(-2)?.secret?.signer
    },
    rotate(now) {
      const rotation = lastRotation.then(() => rotateOnce(now))
      lastRotation = rotation.catch(() => undefined) // its own caller gets the error
      return rotation
    },
  }
}

function retired(key: HeldKey, now: number): HeldKey {
  return { ...key, record: { ...key.record, retired_at: now } }
}
