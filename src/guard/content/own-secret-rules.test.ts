import { expect, test } from 'vitest'
import { ownSecretRules } from './own-secret-rules.ts'
import { presetSecretRules } from './preset-secret-rules.ts'
import type { SecretRule } from './secret-rule.ts'

const body = (length: number, letters = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7') =>
  letters.repeat(Math.ceil(length / letters.length)).slice(0, length)
const hex = '0123456789abcdef'

/** At least one for each name of our table: what the preset does not find, wholly or at all. */
const samples: readonly (readonly [string, string])[] = [
  ['aws', 'AKIAQ3EGRZXJ7K5TZLMN'],
  ['aws', `aws_secret_access_key = ${body(39)}/`],
  ['github', `ghp_${body(36)}x`],
  ['github', `github_pat_${body(60)}`],
  ['npm', `npm_${body(36)}x`],
  ['groq', `gsk_${body(50)}`],
  ['huggingface', `hf_${body(34)}`],
  ['notion', `ntn_${body(46)}`],
  ['docker', `dckr_oat_${body(32)}`],
  ['sendgrid', `SG.${body(10)}-${body(11)}.${body(43)}`],
  ['onepassword', `ops_eyJ${body(200)}`],
  ['gitlab', `glrt-${body(20)}`],
  ['slack', `xoxe-1-${body(40)}`],
  ['slack', `https://hooks.slack.com/triggers/T${body(8)}/123/${body(24)}`],
  ['discord', `https://discord.com/api/webhooks/123456789012345678/${body(68)}`],
  ['telegram', `123456789:AA${body(33)}`],
  ['webhook', `whsec_${body(32)}`],
  ['anthropic', `sk-ant-oat01-${body(93)}AA`],
  ['openrouter', `sk-or-v1-${body(64, hex)}`],
  ['openai', `sk-${body(32, hex)}`],
  ['google', `AIza${body(35)}`],
  ['google', `GOCSPX-${body(28)}`],
  ['google', `ya29.${body(100)}`],
  ['xai', `xai-${body(80)}`],
  ['replicate', `r8_${body(37)}`],
  ['perplexity', `pplx-${body(48)}`],
  ['pypi', `pypi-${body(100)}`],
  ['twilio', `SK${body(32, hex)}`],
  ['mailgun', `key-${body(32, hex)}`],
  ['square', `sq0atp-${body(22)}`],
  ['digitalocean', `dop_v1_${body(64, hex)}`],
  ['terraform', `${body(14)}.atlasv1.${body(67)}`],
  ['postman', `PMAK-${body(24, hex)}-${body(34, hex)}`],
  ['newrelic', `NRAK-${body(27, 'ABC123')}`],
  ['sentry', `sntrys_${body(60)}`],
  ['doppler', `dp.pt.${body(43)}`],
  ['age', `AGE-SECRET-KEY-1${body(58, 'QPZRY9X8')}`],
  ['mandate', `mdt_AbCdEfGhIjKl_${body(43)}`],
  ['private_key', `-----BEGIN PRIVATE KEY-----\n${body(60)}`],
  ['jwt', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${body(43)}`],
  ['azure', `AccountKey=${body(86)}==`],
  ['azure', `https://x.example/a?sig=${body(43)}%3D`],
  ['connection_string', 'redis://:S3cretPw99@cache.internal:6379'],
  ['authorization', `Authorization: Bearer ${body(40)}`],
  ['authorization', `Authorization: Basic ${body(24)}`],
]

function found(rules: readonly SecretRule[], text: string): string[] {
  const names: string[] = []
  for (const { name, find } of rules) find(text, () => names.push(name))
  return names
}

test('each row of our table has a sample', () => {
  expect([...new Set(samples.map(([name]) => name))].sort()).toEqual(
    [...new Set(ownSecretRules.map(({ name }) => name))].sort(),
  )
  const unneeded = ownSecretRules.filter((row) => !samples.some(([, text]) => found([row], text).length > 0))
  expect(unneeded.filter(({ name }) => name !== 'mandate')).toEqual([])
})

test.each(samples)('%s is found by our table and not by the preset: %s', (name, text) => {
  expect(found(ownSecretRules, `use ${text} here`)).toContain(name)
  expect(found(presetSecretRules, `use ${text} here`)).toEqual([])
})

/** What the rules find whose anchors the text holds, as `name secret`. */
function secretsIn(text: string): string[] {
  return ownSecretRules
    .filter(({ anchors }) => anchors.some((anchor) => text.includes(anchor)))
    .flatMap(({ name, find }) => {
      const secrets: string[] = []
      find(text, (start, end) => secrets.push(`${name} ${text.slice(start, end)}`))
      return secrets
    })
}

// Each of these holds both ends of every range of the characters that may follow.
const alphanumeric = 'A0z9aZ5'
const upper = 'A0Z9'
const worded = 'A0z9_-aZ5'
const hexadecimal = '09af5'

type Key = readonly [name: string, start: string, letters: string, least: number, most: number]
const keysOf = (name: string, starts: readonly string[], letters: string, least: number, most: number = least) =>
  starts.map((start): Key => [name, start, letters, least, most])

/** Keys of which more letters than the most may follow. */
const openKeys: readonly Key[] = [
  ...keysOf('github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], alphanumeric, 36, 255),
  ...keysOf('github', ['github_pat_'], `${alphanumeric}_`, 22, 255),
  ...keysOf('npm', ['npm_'], alphanumeric, 36),
  ...keysOf('groq', ['gsk_'], alphanumeric, 48, 60),
  ...keysOf('huggingface', ['hf_'], alphanumeric, 30, 60),
  ...keysOf('notion', ['ntn_'], alphanumeric, 40, 60),
  ...keysOf('docker', ['dckr_pat_', 'dckr_oat_'], worded, 24, 40),
  ...keysOf('sendgrid', [`SG.${body(16, worded)}.`, `SG.${body(32, worded)}.`], worded, 32, 64),
  ...keysOf('onepassword', ['ops_eyJ'], worded, 50, 2000),
  ...keysOf('gitlab', ['gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glsoat-', 'glagent-', 'glft-'], worded, 20, 300),
  ...keysOf('slack', ['xoxc-', 'xoxd-', 'xoxe-', 'xoxs-'], 'A0z9%-aZ5', 10, 250),
  ...keysOf('slack', ['hooks.slack.com/workflows/', 'hooks.slack.com/triggers/'], `${worded}/`, 20, 120),
  ...keysOf('discord', ['discord.com', 'discordapp.com'].map(webhooksAt(15)), worded, 50, 100),
  ...keysOf('discord', ['discord.com'].map(webhooksAt(25)), worded, 50, 100),
  ...keysOf('webhook', ['whsec_'], `${alphanumeric}+/`, 24, 120),
  ...keysOf('anthropic', ['sk-ant-'], worded, 20, 200),
  ...keysOf('openrouter', ['sk-or-v1-'], hexadecimal, 64),
  ...keysOf('openai', ['sk-'], worded, 20, 250),
  ...keysOf('google', ['AIza'], worded, 35),
  ...keysOf('google', ['GOCSPX-'], worded, 28),
  ...keysOf('google', ['ya29.'], worded, 20, 400),
  ...keysOf('xai', ['xai-'], alphanumeric, 60, 100),
  ...keysOf('replicate', ['r8_'], alphanumeric, 37),
  ...keysOf('perplexity', ['pplx-'], alphanumeric, 40, 60),
  ...keysOf('pypi', ['pypi-'], worded, 50, 300),
  ...keysOf('square', ['sq0atp-', 'sq0csp-', 'sq0zzz-'], worded, 22, 50),
  ...keysOf('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], hexadecimal, 64),
  ...keysOf('terraform', [`${body(14, alphanumeric)}.atlasv1.`], worded, 60, 75),
  ...keysOf('postman', [`PMAK-${body(24, hexadecimal)}-`], hexadecimal, 34),
  ...keysOf('newrelic', ['NRAK-'], upper, 27),
  ...keysOf('sentry', ['sntrys_', 'sntryu_'], `${worded}+/=`, 40, 300),
  ...keysOf('doppler', ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.scim.', 'dp.audit.'], `${worded}.`, 40, 60),
  ...keysOf('age', ['AGE-SECRET-KEY-1'], upper, 58),
  ...keysOf(
    'mandate',
    ['mdt_', 'agx_', 'sk_shinzo_'].map((start) => `${start}${body(12, alphanumeric)}_`),
    alphanumeric,
    43,
  ),
  ...keysOf('mandate', [`xag_${body(6, alphanumeric)}_`], alphanumeric, 32),
  ...keysOf('mandate', ['ck-', 'ck_'], alphanumeric, 43),
  ...keysOf('mandate', ['neo_sk_'], alphanumeric, 32),
]

/** Keys that are none where more letters follow. */
const closedKeys: readonly Key[] = [
  ...keysOf('aws', ['AKIA', 'ASIA'], 'A2Z7', 16),
  ...keysOf('telegram', ['12345678:AA', '1234567890:AA'], worded, 33),
  ...keysOf(
    'twilio',
    [...hex].map((digit) => `SK${digit}`),
    hexadecimal,
    31,
  ),
  ...keysOf('mailgun', ['key-'], hexadecimal, 32),
]

function webhooksAt(digits: number): (host: string) => string {
  return (host) => `${host}/api/webhooks/${body(digits, '0123456789')}/`
}

test.each([...openKeys, ...closedKeys])(
  'the key of %s %s with the fewest letters is found, and with one less none',
  (name, start, letters, least) => {
    const key = `${start}${body(least, letters)}`
    expect(secretsIn(`(${key})`)).toContain(`${name} ${key}`)
    expect(secretsIn(`(${key.slice(0, -1)})`).filter((found) => found.startsWith(`${name} `))).toEqual([])
  },
)

test.each(openKeys)('the key of %s %s is found as far as it may go', (name, start, letters, _least, most) => {
  const key = `${start}${body(most, letters)}`
  expect(secretsIn(`(${key})`)).toContain(`${name} ${key}`)
  expect(secretsIn(`(${key}${letters})`)).toContain(`${name} ${key}`)
})

test.each(closedKeys)('the key of %s %s is none as a part of a longer word', (_name, start, letters, least) => {
  for (const more of ['a', 'Z', '0']) expect(secretsIn(`(${start}${body(least, letters)}${more})`)).toEqual([])
})

test.each([
  ['openai', 'sk-', worded, 30],
  ['mandate', 'ck-', alphanumeric, 43],
  ['twilio', 'SK0', hexadecimal, 31],
  ['mailgun', 'key-', hexadecimal, 32],
])('the key of %s %s is none behind a letter', (name, start, letters, length) => {
  const key = `${start}${body(length, letters)}`
  for (const before of ['a', 'Z', '0']) expect(secretsIn(`(${before}${key})`)).toEqual([])
  expect(secretsIn(`_${key})`)).toContain(`${name} ${key}`)
})

const key40 = `${body(38, alphanumeric)}/+`

test.each([
  ['aws', `secret_access_key=${key40}`, key40],
  ['aws', `SECRET_ACCESS_KEY': '${key40}`, key40],
  ['aws', `secretAccessKey" => \n"${key40}"`, key40],
  ['onepassword', `ops_eyJ${body(50, worded)}=`],
  ['onepassword', `ops_eyJ${body(50, worded)}===`, `ops_eyJ${body(50, worded)}==`],
  ['webhook', `whsec_${body(24)}==`],
  ['webhook', `whsec_${body(24)}===`, `whsec_${body(24)}==`],
  ['jwt', 'eyJabcde_-0.eyJabcde_-0.'],
  ['jwt', `eyJabcde_-0.eyJabcde_-0.${body(20, worded)}`],
  ['azure', `AccountKey=${key40}==`, `${key40}==`],
  ['azure', `SharedAccessKey=${key40}`, key40],
  ['azure', `&sig=${body(38)}%/+=`, `${body(38)}%/+=`],
  ['connection_string', 'a://user:abc@h', 'abc'],
  ['connection_string', `a://${'u'.repeat(100)}:${'p'.repeat(200)}@h`, 'p'.repeat(200)],
  ['connection_string', 'a://:abc@h', 'abc'],
  ['connection_string', 'a://u:b:c:@h', 'b:c:'],
  ['authorization', `Bearer ${body(16, alphanumeric)}.~+/`, `${body(16, alphanumeric)}.~+/`],
  ['authorization', `bearer abcdefghijklmno=_-123`, 'abcdefghijklmno=_-123'],
  ['authorization', 'Authorization: Basic abcd+/09==', 'abcd+/09=='],
  ['authorization', `authorization":\n "basic ${body(400)}`, body(400)],
  ['authorization', `Authorization=Basic ${body(8)}===`, `${body(8)}==`],
  ['private_key', '-----BEGIN PRIVATE KEY-----aZ09+/=\n:.,-x-----END PRIVATE KEY-----'],
  ['private_key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\nab\n-----END PGP PRIVATE KEY BLOCK-----'],
  ['private_key', '-----BEGIN 2A PRIVATE KEY-----\nab!', '-----BEGIN 2A PRIVATE KEY-----\nab'],
  ['private_key', '-----BEGIN PRIVATE KEY-----\nab-----', '-----BEGIN PRIVATE KEY-----\nab'],
])('of %s, in %j, the secret is found', (name, text, secret = text) => {
  expect(secretsIn(`(${text})`)).toEqual([`${name} ${secret}`])
})

test('two private keys in a row are two', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nab\n-----END PRIVATE KEY-----'
  expect(secretsIn(`${key}\n${key}`)).toEqual([`private_key ${key}`, `private_key ${key}`])
})

test.each([
  `secret_access_key=${key40.slice(1)}`,
  `secret_access_key=${key40}x`,
  `secret_access_key=${key40}/`,
  `secret_access_key${key40}`,
  `secret_access_key=         ${key40}`,
  `dckr_cat_${body(30)}`,
  `SG.${body(15)}.${body(40)}`,
  `SG.${body(33)}.${body(40)}`,
  `gltt-${body(20)}`,
  `xoxe-ab12${'c'.repeat(20)}`,
  `sk-ab12${'c'.repeat(30)}`,
  `hooks.slack.com/other/${body(30)}`,
  `discord.com/api/webhooks/${body(14, '123')}/${body(60)}`,
  `discord.com/api/webhooks/${body(26, '123')}/${body(60)}`,
  `1234567:AA${body(33)}`,
  `12345678901:AA${body(33)}`,
  `12345678:AA${body(33)}-`,
  `sq0at-${body(30)}`,
  `sq0at1-${body(30)}`,
  `dp.xx.${body(45)}`,
  `${body(13)}.atlasv1.${body(65)}`,
  `PMAK-${body(23, hexadecimal)}-${body(34, hexadecimal)}`,
  `PMAK-${body(24, 'g')}-${body(34, hexadecimal)}`,
  `mdt_${body(11)}_${body(43)}`,
  `xag_${body(5)}_${body(32)}`,
  `sk_shinzo_${body(13)}_${body(43)}`,
  'eyJabcdefg.eyJabcdefgh.abc',
  'eyJabcdefgh.eyJabcdefg.abc',
  '_eyJabcdefgh.eyJabcdefgh.abc',
  '-eyJabcdefgh.eyJabcdefgh.abc',
  `AccountKey=${body(39)}`,
  `OtherKey=${body(60)}`,
  `sig=${body(60)}`,
  `?sig=${body(39)}`,
  'a://user:ab@h',
  `a://user:${'p'.repeat(201)}@h`,
  `a://${'u'.repeat(101)}:password@h`,
  'a://us/er:password@h',
  'a://user:pass/word@h',
  `a://user:\${PASSWORD}@h`,
  'a://user:password@ h',
  'a:/user:password@h',
  `Bearer ${body(19, alphanumeric)}`,
  'Bearer ab12cdefghijklmnopqrstuv',
  `Basic ${body(20)}`,
  `Authorization Basic${body(20)}`,
  `Authorization: Basic ${body(7)}`,
  `Authorization:       Basic ${body(20)}`,
  '-----BEGIN PUBLIC KEY-----\nab\n-----END PUBLIC KEY-----',
  '-----BEGIN rsa PRIVATE KEY-----\nab\n-----END rsa PRIVATE KEY-----',
  `-----BEGIN ${'A'.repeat(31)}PRIVATE KEY-----\nab`,
])('no secret of ours is in %j', (text) => {
  expect(secretsIn(`(${text})`)).toEqual([])
})
