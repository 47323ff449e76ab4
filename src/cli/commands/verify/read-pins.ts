import { readFile } from 'node:fs/promises'
import { keyIdOfPin } from '../../../proof/package/check-trust.ts'
import { UsageError } from '../../usage-error.ts'

/**
 * Reads the values of `--key`: the id of a key, a public key in base64, or a file of keys as a server publishes them.
 * Throws UsageError for anything else.
 */
export async function readPins(words: readonly string[]): Promise<string[]> {
  return (await Promise.all(words.map(readPin))).flat()
}

async function readPin(word: string): Promise<string[]> {
  if (keyIdOfPin(word) !== undefined) return [word]
  const keys = keysOf(await readText(word))
  if (keys === undefined) {
    throw new UsageError(
      `${word} holds no keys: --key takes a file such as a server has at /.well-known/mandate-keys.json.`,
    )
  }
  return keys
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT' && code !== 'ENAMETOOLONG') throw error
    throw new UsageError(`--key takes the id of a key, a public key in base64, or a file of keys; "${path}" is none.`)
  }
}

/** Undefined where the text is no list of keys, or one of them is none. */
function keysOf(text: string): string[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined // not JSON: some other file
  }
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) return undefined
  const entries: readonly unknown[] = value.keys
  const keys = entries.map(publicKeyOf)
  return keys.length > 0 && keys.every((key) => key !== undefined) ? keys : undefined
}

function publicKeyOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('public_key' in entry)) return undefined
  const { public_key: key } = entry
  return typeof key === 'string' && keyIdOfPin(key) !== undefined ? key : undefined
}
