import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { DataFolderError } from '../data-folder/data-folder-error.ts'
import { decryptKeys, encryptKeys } from '../data-folder/encrypted-keys.ts'
import { verifyEd25519 } from '../proof/ed25519.ts'
import { openSigningKeys, readSigningKeySecret } from './signing-keys.ts'
import { dataErrorToStartError, StartError } from './start-error.ts'

const secret = 'a secret of the operator'
const folders: string[] = []

function newFolder(): { data: string; file: string } {
  const data = mkdtempSync(join(tmpdir(), 'mandate-signing-keys-'))
  folders.push(data)
  return { data, file: join(data, 'keys', 'signing-keys.json') }
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function refusalOf(data: string, given?: string): Promise<StartError> {
  try {
    await openSigningKeys(data, given, 0)
  } catch (error) {
    if (error instanceof StartError || error instanceof DataFolderError) return dataErrorToStartError(data, error)
    throw error
  }
  throw new Error('The keys were opened.')
}

test('the first start makes a key in a file that only its owner can read, and the next one finds it', async () => {
  const { data, file } = newFolder()
  const { keyring, previous } = await openSigningKeys(data, undefined, 1_000)
  expect(previous).toBeUndefined()
  expect(keyring.keys).toEqual([
    {
      key_id: keyring.current.keyId,
      public_key: Buffer.from(keyring.current.publicKey).toString('base64'),
      created_at: 1_000,
      retired_at: null,
    },
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(data, 'keys')).mode & 0o777).toBe(0o700)
  const written = readFileSync(file, 'utf8')
  const again = await openSigningKeys(data, undefined, 2_000)
  expect(again.keyring.keys).toEqual(keyring.keys)
  expect(readFileSync(file, 'utf8')).toBe(written)
  const bytes = Buffer.from('x')
  expect(verifyEd25519(keyring.current.publicKey, bytes, again.keyring.current.sign(bytes))).toBe(true)
})

test('each data folder has a key of its own', async () => {
  const one = await openSigningKeys(newFolder().data, undefined, 0)
  const other = await openSigningKeys(newFolder().data, undefined, 0)
  expect(one.keyring.current.keyId).not.toBe(other.keyring.current.keyId)
})

test('a rotation makes a new key the current one, on disk and in the keyring, and keeps the old ones to verify with', async () => {
  const { data, file } = newFolder()
  const keys = await openSigningKeys(data, undefined, 1_000)
  const { keyring } = keys
  const first = keyring.current
  const rotation = await keys.rotate(2_000)
  expect(rotation.from.keyId).toBe(first.keyId)
  expect(rotation.to).toBe(keyring.current)
  expect(keyring.keys.map(({ key_id, created_at, retired_at }) => [key_id, created_at, retired_at])).toEqual([
    [first.keyId, 1_000, 2_000],
    [rotation.to.keyId, 2_000, null],
  ])
  const again = await openSigningKeys(data, undefined, 3_000)
  expect(again.keyring.keys).toEqual(keyring.keys)
  expect(again.keyring.current.keyId).toBe(rotation.to.keyId)
  expect(again.previous?.keyId).toBe(first.keyId)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('the private half of a key is gone after the second rotation', async () => {
  const { data, file } = newFolder()
  const keys = await openSigningKeys(data, undefined, 1_000)
  const kept = JSON.parse(readFileSync(file, 'utf8')).keys[0].private_key
  await keys.rotate(2_000)
  expect(readFileSync(file, 'utf8')).toContain(kept)
  const { from } = await keys.rotate(3_000)
  expect(readFileSync(file, 'utf8')).not.toContain(kept)
  const again = await openSigningKeys(data, undefined, 4_000)
  expect(again.previous?.keyId).toBe(from.keyId)
  expect(again.keyring.keys.map(({ retired_at }) => retired_at)).toEqual([2_000, 3_000, null])
})

test('two rotations at once are made one after the other', async () => {
  const { data } = newFolder()
  const keys = await openSigningKeys(data, undefined, 1_000)
  const [one, two] = await Promise.all([keys.rotate(2_000), keys.rotate(3_000)])
  expect(two.from.keyId).toBe(one.to.keyId)
  expect((await openSigningKeys(data, undefined, 4_000)).keyring.keys).toHaveLength(3)
})

test('a rotation that cannot be written changes nothing, and the next one is tried', async () => {
  const { data, file } = newFolder()
  const keys = await openSigningKeys(data, undefined, 1_000)
  const before = keys.keyring.keys
  mkdirSync(join(`${file}.unfinished`, 'x'), { recursive: true })
  await expect(keys.rotate(2_000)).rejects.toThrow()
  expect(keys.keyring.keys).toEqual(before)
  rmSync(`${file}.unfinished`, { recursive: true })
  await keys.rotate(3_000)
  expect(keys.keyring.keys).toHaveLength(2)
})

test('what a killed process left unfinished is replaced', async () => {
  const { data, file } = newFolder()
  mkdirSync(join(data, 'keys'))
  writeFileSync(`${file}.unfinished`, 'half', { mode: 0o644 })
  await openSigningKeys(data, undefined, 0)
  expect(existsSync(`${file}.unfinished`)).toBe(false)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a secret encrypts the keys that were kept as they are, at the next start and after rotations', async () => {
  const { data, file } = newFolder()
  const plain = await openSigningKeys(data, undefined, 1_000)
  const privateKey: string = JSON.parse(readFileSync(file, 'utf8')).keys[0].private_key
  expect(privateKey).toMatch(/^MC4CAQAwBQYDK2VwBCIEI/u)
  const keys = await openSigningKeys(data, secret, 2_000)
  expect(keys.keyring.keys).toEqual(plain.keyring.keys)
  expect(readFileSync(file, 'utf8')).not.toContain(privateKey)
  await keys.rotate(3_000)
  expect(readFileSync(file, 'utf8')).not.toContain('MC4CAQAwBQYDK2VwBCIEI')
  const again = await openSigningKeys(data, secret, 4_000)
  expect(again.keyring.current.keyId).toBe(keys.keyring.current.keyId)
  expect(again.previous?.keyId).toBe(plain.keyring.current.keyId)
})

test('encrypted keys are not opened without their secret or with another, which is said without it; nothing changes', async () => {
  const { data, file } = newFolder()
  await openSigningKeys(data, secret, 0)
  const written = readFileSync(file, 'utf8')
  for (const given of [undefined, 'another secret, as long']) {
    const refusal = await refusalOf(data, given)
    expect(refusal.exitCode).toBe(64)
    expect(refusal.message).toContain('MANDATE_SIGNING_KEY_SECRET')
    expect(refusal.message).toContain(file)
    expect(refusal.message).not.toContain('another secret')
  }
  expect(readFileSync(file, 'utf8')).toBe(written)
})

test.each([
  ['is cut short', (text: string) => text.slice(0, -10), 'not JSON'],
  ['has no keys', () => '{"version":1,"encryption":null,"keys":[]}', 'last key'],
  ['is of another version', (text: string) => text.replace('"version": 1', '"version": 2'), 'version'],
  ['has an unknown field', (text: string) => text.replace('"version": 1', '"version": 1, "x": 1'), 'unknown field'],
  ['has only a retired key', (text: string) => text.replace('"retired_at": null', '"retired_at": 1'), 'last key'],
  ['has a private key that is none', (text: string) => text.replace('MC4CAQAw', 'MC4CAQAA'), 'is none'],
  ['has a private key in no base64', (text: string) => text.replace('MC4CAQAw', '********'), 'not its own'],
  ['has the id of another key', (text: string) => text.replace(/ed25519:\w{8}/u, 'ed25519:00000000'), 'not its own'],
  [
    'has the public half of another',
    (text: string) => text.replace(/"public_key": "..../u, '"public_key": "AAAA'),
    'not its own',
  ],
  [
    'is encrypted in an unknown way',
    (text: string) =>
      text.replace(
        '"encryption": null',
        '"encryption":{"kdf":"scrypt","cost":1073741824,"block_size":8,"parallelization":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="}',
      ),
    'does not know',
  ],
])('a file that %s is refused and left as it is', async (_what, change, words) => {
  const { data, file } = newFolder()
  await openSigningKeys(data, undefined, 0)
  const changed = change(readFileSync(file, 'utf8'))
  writeFileSync(file, changed)
  const refusal = await refusalOf(data)
  expect(refusal.message).toContain(words)
  expect(refusal.exitCode).toBe(73)
  expect(readFileSync(file, 'utf8')).toBe(changed)
})

test('the keys come back from the encrypted keys of a backup', async () => {
  const [{ data }, restored] = [newFolder(), newFolder()]
  const keys = await openSigningKeys(data, undefined, 1_000)
  await keys.rotate(2_000)
  const archived = await encryptKeys(join(data, 'keys'), 'passphrase')
  await decryptKeys(archived, 'passphrase', join(restored.data, 'keys'))
  const again = await openSigningKeys(restored.data, undefined, 3_000)
  expect(again.keyring.keys).toEqual(keys.keyring.keys)
  expect(again.keyring.current.keyId).toBe(keys.keyring.current.keyId)
})

test('a secret has at least 16 characters, and none is none', () => {
  expect(readSigningKeySecret({})).toBeUndefined()
  expect(readSigningKeySecret({ MANDATE_SIGNING_KEY_SECRET: '' })).toBeUndefined()
  expect(readSigningKeySecret({ MANDATE_SIGNING_KEY_SECRET: 'é'.repeat(16) })).toBe('é'.repeat(16))
  expect(() => readSigningKeySecret({ MANDATE_SIGNING_KEY_SECRET: 's'.repeat(15) })).toThrow(StartError)
})
