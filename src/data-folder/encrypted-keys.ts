import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ArchiveError } from './archive.ts'

/** The cost of one guess of the passphrase: about 128 MiB and a third of a second. */
const cost = { N: 2 ** 17, r: 8, p: 1 } as const
const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/** The JSON in the archive. Bytes are in base64. */
interface EncryptedKeys {
  readonly kdf: 'scrypt'
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly cipher: typeof algorithm
  readonly iv: string
  readonly tag: string
  readonly data: string
}

/** The file names of the key folder with their bytes in base64. */
type KeyFiles = Record<string, string>

/** Encrypts the files of a folder of keys with AES-256-GCM, under a key that scrypt derives from the passphrase. */
export async function encryptKeys(folder: string, passphrase: string): Promise<Buffer> {
  const files: KeyFiles = {}
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) files[entry.name] = (await readFile(join(folder, entry.name))).toString('base64')
  }
  const salt = randomBytes(16)
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, await keyOf(passphrase, salt, cost), iv)
  const data = Buffer.concat([cipher.update(JSON.stringify(files), 'utf8'), cipher.final()])
  const encrypted: EncryptedKeys = {
    kdf: 'scrypt',
    ...cost,
    salt: salt.toString('base64'),
    cipher: algorithm,
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  }
  return Buffer.from(JSON.stringify(encrypted))
}

/**
 * Writes the decrypted files to a new folder that only its owner can read. Refuses `passphrase_wrong` and
 * `archive_damaged` without writing anything.
 */
export async function decryptKeys(bytes: Buffer, passphrase: string, folder: string): Promise<void> {
  const files = await decrypt(parse(bytes), passphrase)
  await mkdir(folder, { mode: 0o700 })
  for (const [name, data] of Object.entries(files)) {
    if (!/^[\w-][\w.-]*$/u.test(name))
      throw new ArchiveError('archive_damaged', `The archive holds a key with a bad name: ${name}.`)
    await writeFile(join(folder, name), Buffer.from(data, 'base64'), { mode: 0o600, flush: true })
  }
}

async function decrypt(encrypted: EncryptedKeys, passphrase: string): Promise<KeyFiles> {
  const { N, r, p } = encrypted
  const key = await keyOf(passphrase, Buffer.from(encrypted.salt, 'base64'), { N, r, p })
  const decipher = createDecipheriv(algorithm, key, Buffer.from(encrypted.iv, 'base64'), { authTagLength: tagBytes })
  decipher.setAuthTag(Buffer.from(encrypted.tag, 'base64'))
  let text: string
  try {
    text = Buffer.concat([decipher.update(encrypted.data, 'base64'), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new ArchiveError('passphrase_wrong', 'The passphrase does not open the keys in the archive.', error)
  }
  return JSON.parse(text)
}

function parse(bytes: Buffer): EncryptedKeys {
  let encrypted: unknown
  try {
    encrypted = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new ArchiveError('archive_damaged', 'The keys in the archive cannot be read.', error)
  }
  if (isEncryptedKeys(encrypted)) return encrypted
  throw new ArchiveError(
    'archive_damaged',
    'The keys in the archive are encrypted in a way that this version does not know.',
  )
}

function isEncryptedKeys(value: unknown): value is EncryptedKeys {
  if (typeof value !== 'object' || value === null) return false
  const { kdf, cipher, N, r, p, salt, iv, tag, data } = value as Readonly<Partial<Record<keyof EncryptedKeys, unknown>>>
  // A greater cost than ours would be an attempt to exhaust the memory. No version writes a smaller one.
  return (
    kdf === 'scrypt' &&
    cipher === algorithm &&
    N === cost.N &&
    r === cost.r &&
    p === cost.p &&
    [salt, data].every((text) => typeof text === 'string') &&
    bytesIn(iv) === ivBytes &&
    bytesIn(tag) === tagBytes
  )
}

function bytesIn(text: unknown): number | undefined {
  return typeof text === 'string' ? Buffer.from(text, 'base64').length : undefined
}

function keyOf(passphrase: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  const withMemory = { ...options, maxmem: 256 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, withMemory, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
