import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'
import { readJwtSettings } from './read-jwt-settings.ts'
import { StartError } from './start-error.ts'

const secret = 's'.repeat(32)

test('without a secret and without public keys no token is taken', () => {
  expect(readJwtSettings({})).toBeUndefined()
  expect(readJwtSettings({ MANDATE_JWT_SECRET: '', MANDATE_JWT_ISSUER: '' })).toBeUndefined()
})

test('the settings reach the configuration', () => {
  const env = {
    MANDATE_JWT_SECRET: secret,
    MANDATE_JWT_ISSUER: 'https://id.example',
    MANDATE_JWT_AUDIENCE: 'mandate',
    MANDATE_JWT_CREATE_USERS: '1',
  }
  const expected = { secret, jwksUrl: undefined, issuer: 'https://id.example', audience: 'mandate', createUsers: true }
  expect(readConfig(env).jwt).toEqual(expected)
  const url = 'https://id.example/keys'
  expect(readJwtSettings({ MANDATE_JWT_JWKS_URL: url })).toEqual({
    secret: undefined,
    jwksUrl: url,
    issuer: undefined,
    audience: undefined,
    createUsers: false,
  })
})

test.each([
  ['a short secret', { MANDATE_JWT_SECRET: 's'.repeat(31) }, 'MANDATE_JWT_SECRET'],
  ['both kinds of keys', { MANDATE_JWT_SECRET: secret, MANDATE_JWT_JWKS_URL: 'https://x.example' }, 'only one'],
  ['keys at no URL', { MANDATE_JWT_JWKS_URL: 'file:///etc/keys' }, 'MANDATE_JWT_JWKS_URL'],
  ['an issuer without keys', { MANDATE_JWT_ISSUER: 'x' }, 'MANDATE_JWT_ISSUER'],
  ['a flag that is neither', { MANDATE_JWT_SECRET: secret, MANDATE_JWT_CREATE_USERS: 'yes' }, 'allowed are 1 and 0'],
])('%s is refused, naming the variable and no secret', (_what, env, words) => {
  let refused: unknown
  try {
    readJwtSettings(env)
  } catch (error) {
    refused = error
  }
  expect(refused).toBeInstanceOf(StartError)
  expect(String(refused)).toContain(words)
  expect(String(refused)).not.toContain('sss')
})

test('the length of a secret is counted in bytes', () => {
  expect(readJwtSettings({ MANDATE_JWT_SECRET: 'é'.repeat(16) })?.secret).toBe('é'.repeat(16))
})
