import { expect, test } from 'vitest'
import type { Detection } from './detectors.ts'
import { findAssignedSecrets } from './find-assigned-secrets.ts'

const find = (text: string): string[] => {
  const found: Detection[] = []
  findAssignedSecrets(text, found)
  expect(found.every(({ detector }) => detector === 'secret:assignment')).toBe(true)
  return found.map(({ start, end }) => text.slice(start, end))
}
const secret = 'Xk29!fLq83zP'

test.each([
  'password',
  'passwd',
  'passphrase',
  'DB_PWD',
  'clientSecret',
  'token',
  'credentials',
  'api_key',
  'accessKey',
  'PRIVATE-KEY',
  'secretkey',
  'auth_key',
  'encryption_key',
  'signing_key',
  'accountKey',
  'master_key',
])('what is assigned to %s is a secret', (name) => {
  expect(find(`my ${name}=${secret}`)).toEqual([secret])
})

test.each(['key', 'public_key', 'apikeys are', 'api__key', 'passwor', 'pass', 'tokenize', 'apis_key'])(
  'what is assigned to %s is none',
  (name) => {
    expect(find(`my ${name}=${secret}`)).toEqual([])
  },
)

test.each([
  `password: ${secret}`,
  `password => ${secret}`,
  `password:=${secret}`,
  `"password": "${secret}"`,
  `passwords['x_token'] = '${secret}';`,
  `\`password\`=\`${secret}\``,
  `token   :   ${secret}`,
  `İstanbul password=${secret}`,
])('the secret of %s is found', (text) => {
  expect(find(text)).toEqual([secret])
})

test.each([
  `password ${secret}`,
  `password    = ${secret}`,
  `password =    ${secret}`,
  `password = """${secret}`,
  'password=aB3dE6g',
  `password=(${secret})`,
])('no secret is in %s', (text) => {
  expect(find(text)).toEqual([])
})

test('two names with a secret each give two, and a value ends at 200 characters', () => {
  expect(find(`password=${secret} token=x${secret}`)).toEqual([secret, `x${secret}`])
  const long = 'a1B2c3D4e5'.repeat(21)
  expect(find(`password=${long}`)).toEqual([long.slice(0, 200)])
})

test.each([
  ['aabbc1d2', true],
  ['1234.5678cd', true],
  ['a1b2c3d4://x', true],
  ['x/a1b2c3d4', true],
  ['abcdefgh', false],
  ['1234-5678-90', false],
  ['aaaaaaa1', false],
  ['aabbcc11', false],
  ['$a1b2c3d4', false],
  ['%a1b2c3d4', false],
  ['process.a1b2c3d4', false],
  ['env.a1b2c3d4', false],
  ['ENV.a1b2c3d4', false],
  ['http:a1b2c3d4', false],
  ['https:a1b2c3d4', false],
  ['ftp://a1b2c3d4', false],
  ['/a1b2c3d4', false],
  ['./a1b2c3d4', false],
  ['1234.5678c', false],
])('whether %s looks random is %s', (value, isRandom) => {
  expect(find(`password=${value}`)).toEqual(isRandom ? [value] : [])
})
