import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { count, listOf, matching, nullable, record, text } from '../domain/shape.ts'
import type { PublicKeyRecord } from '../domain/signer.ts'
import { DataFolderError } from './data-folder-error.ts'
import { folderNames } from './folder-names.ts'
import { readPrivateFile, replacePrivateFile } from './private-files.ts'
import { type Encryption, isKnownEncryption } from './private-key-box.ts'

/** The content of `<data>/keys/signing-keys.json`. */
export interface SigningKeyFile {
  readonly version: 1
  readonly encryption: Encryption
  /** The keys, oldest first. The last one signs. */
  readonly keys: readonly KeptKey[]
}

/** A key in the file. The private half of a retired key is dropped when the next one is retired. */
export interface KeptKey extends PublicKeyRecord {
  readonly private_key: string | null
}

const shape = record<SigningKeyFile>({
  version: (value, at) => (value === 1 ? undefined : { problem: `${at} is not 1` }),
  encryption: nullable(
    record<NonNullable<Encryption>>({
      kdf: text,
      cost: count,
      block_size: count,
      parallelization: count,
      salt: text,
    }),
  ),
  keys: listOf(
    record<KeptKey>({
      key_id: text,
      public_key: matching(/^[A-Za-z0-9+/]{43}=$/u, 'the base64 of 32 bytes'),
      created_at: count,
      retired_at: nullable(count),
      private_key: nullable(text),
    }),
  ),
})

/** The path of the signing keys in a data folder. */
export function signingKeyPath(dataFolder: string): string {
  return join(dataFolder, folderNames.keys, 'signing-keys.json')
}

/**
 * Reads the file, or undefined where there is none. Throws DataFolderError for one that this version cannot have
 * written.
 */
export async function readSigningKeyFile(path: string): Promise<SigningKeyFile | undefined> {
  const written = await readPrivateFile(path)
  if (written === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(written.toString('utf8'))
  } catch (error) {
    throw damaged(path, 'it is not JSON', error)
  }
  const schemaError = shape(value, 'it')
  if (schemaError !== undefined) throw damaged(path, schemaError.problem)
  const file = value as SigningKeyFile
  if (file.encryption !== null && !isKnownEncryption(file.encryption)) {
    throw damaged(path, 'it is encrypted in a way that this version does not know')
  }
  const last = file.keys.at(-1)
  if (last === undefined || last.private_key === null || last.retired_at !== null) {
    throw damaged(path, 'its last key is not one that signs')
  }
  return file
}

/**
 * Replaces the file. It is durable once this resolves; a reader meanwhile, or after a crash, finds the previous file or
 * the new one.
 */
export async function writeSigningKeyFile(path: string, file: SigningKeyFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await replacePrivateFile(path, `${JSON.stringify(file, null, 2)}\n`)
}

/** The error for signing keys that cannot be used. */
export function damaged(path: string, why: string, cause?: unknown): DataFolderError {
  return new DataFolderError(`the signing keys in ${path} cannot be used: ${why}.`, cause)
}
