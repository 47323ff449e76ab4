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
