import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialects } from '../domain/principal.ts'
import { dialectOfCredential, newKey, prefixOf, verifierOf } from './api-key.ts'

const forms = {
  native: /^mdt_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/,
  xagent: /^xag_[0-9A-Za-z]{6}_[0-9A-Za-z]{32}$/,
  certior: /^ck-[0-9A-Za-z]{43}$/,
  neo: /^neo_sk_[0-9A-Za-z]{32}$/,
  agentrix: /^agx_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/,
  shinzo: /^sk_shinzo_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/,
}

describe('a key', () => {
  test.each(dialects)('of %s has the form of its dialect and shows it', (dialect) => {
    const { key, prefix } = newKey(dialect)
    expect(key).toMatch(forms[dialect])
    expect(prefixOf(key)).toBe(prefix)
    expect(key.startsWith(prefix)).toBe(true)
    expect(dialectOfCredential(key)).toBe(dialect)
  })

  test('is never made twice', () => {
    const keys = new Set(Array.from({ length: 500 }, () => newKey('native').key))
    expect(keys.size).toBe(500)
  })

  test('with a character too many or too few has no prefix', () => {
    for (const dialect of dialects) {
      const { key } = newKey(dialect)
      expect(prefixOf(`${key}x`)).toBeUndefined()
      expect(prefixOf(key.slice(0, -1))).toBeUndefined()
    }
  })

  test('of an older Certior form shows its dialect', () => {
    expect(dialectOfCredential('ck_abc')).toBe('certior')
  })
})

test('nothing but a key has a prefix', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(prefixOf(text)).toBeUndefined()
    }),
  )
})

test('the verifier depends on every character and on the pepper', () => {
  const pepper = Buffer.alloc(32, 1)
  const { key } = newKey('native')
  const verifier = verifierOf(pepper, key)
  expect(verifier).toMatch(/^[0-9a-f]{64}$/)
  expect(verifierOf(pepper, `${key.slice(0, -1)}~`)).not.toBe(verifier)
  expect(verifierOf(Buffer.alloc(32, 2), key)).not.toBe(verifier)
})
