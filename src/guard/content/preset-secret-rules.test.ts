import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { detectorsVersion, presetVersion } from './detectors.ts'
import { leftOutOfPreset, presetRuleIds, presetSecretRules } from './preset-secret-rules.ts'
import { scanText } from './scan-text.ts'

const packageName = '@secretlint/secretlint-rule-preset-recommend'
const load = createRequire(import.meta.url)
const salt = 'ab'.repeat(16)

/** What is found, as `detector text`. */
function found(text: string): string[] {
  return scanText(text, salt, { keywords: [] }).map(
    ({ detector, start, end }) => `${detector} ${text.slice(start, end)}`,
  )
}

/** Letters and digits in an order that repeats late. */
function body(length: number, letters = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'): string {
  return letters.repeat(Math.ceil(length / letters.length)).slice(0, length)
}

const hex = '0123456789abcdef'
const pem = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq${body(200)}\n-----END PRIVATE KEY-----`

/** For each rule of the preset: the detector, the secret, and the text that holds it where it is not the secret alone. */
const rows: readonly (readonly [id: string, name: string, secret: string, text?: string])[] = [
  ['aws', 'aws', body(40), `AWS_SECRET_ACCESS_KEY="${body(40)}"`],
  ['aws', 'aws', body(40), `secretAccessKey: ${body(40)}`],
  ['privatekey', 'private_key', pem],
  ['npm', 'npm', `npm_${body(36)}`],
  ['npm', 'npm', body(20), `https://${body(20)}:x-oauth-basic@github.com/a/b`],
  ['basicauth', 'connection_string', 'S3cretPw99', 'https://bob:S3cretPw99@corp.net/'],
  ['slack', 'slack', `xoxb-123456789012-1234567890123-${body(24)}`],
  ['slack', 'slack', `https://hooks.slack.com/services/T${body(8)}/B${body(8)}/${body(24)}`],
  ['slack', 'slack', `HTTPS://HOOKS.SLACK.COM/services/T${body(8)}/B${body(8)}/${body(24)}`],
  ['sendgrid', 'sendgrid', `SG.${body(22)}.${body(43)}`],
  ['shopify', 'shopify', `shpat_${body(32, hex)}`],
  ['stripe', 'stripe', `sk_live_${body(24)}`],
  ['stripe', 'stripe', `rk_test_${body(99)}`],
  ['github', 'github', `gho_${body(36)}`],
  ['github', 'github', `github_pat_${body(22)}_${body(59)}`],
  ['github', 'github', `ghs_123456_${body(60)}.${body(200)}.${body(80)}`],
  ['gitlab', 'gitlab', `glpat-${body(20)}`],
  ['grafana', 'grafana', `glsa_${body(32)}_${body(8, hex)}`],
  ['grafana', 'grafana', `glc_eyJ${body(130)}`],
  ['openai', 'openai', `sk-proj-${body(74)}T3BlbkFJ${body(74)}`],
  ['anthropic', 'anthropic', `sk-ant-api03-${body(93)}AA`],
  ['groq', 'groq', `gsk_${body(52)}`],
  ['huggingface', 'huggingface', `hf_${body(34, 'abcDEF')}`],
  ['linear', 'linear', `lin_api_${body(40)}`],
  ['notion', 'notion', `ntn_12345678901${body(35)}`],
  ['1password', 'onepassword', `ops_${Buffer.from(JSON.stringify({ k: body(152) })).toString('base64')}`],
  ['database-connection-string', 'connection_string', 'p$ssW0rd9', 'mongodb+srv://app:p$ssW0rd9@db.corp.net/x'],
  ['hashicorp-vault', 'vault', `hvs.${body(95)}`],
  ['hashicorp-vault', 'vault', `hvb.${body(150)}`],
  ['hashicorp-vault', 'vault', `hvr.${body(95)}`],
  ['vercel', 'vercel', `vcp_${body(40)}`],
  ['databricks', 'databricks', `dapi${body(32, hex)}-2`],
  ['docker', 'docker', `dckr_pat_${body(27)}`],
  ['figma', 'figma', `figd_${body(40)}`],
  ['cloudflare', 'cloudflare', `cfut_${body(40)}${body(8, hex)}`],
  ['tailscale', 'tailscale', `tskey-auth-${body(12)}-${body(32)}`],
]
const samples = rows.map(([id, name, secret, text = secret]) => ({ id, name, secret, text }))

test('the installed preset is the version that the version of the detectors speaks of', () => {
  const { version }: { version: string } = load(`${packageName}/package.json`)
  expect({ [detectorsVersion]: presetVersion }).toEqual({ 3: version })
})

test('each rule of the preset is driven or left out by name', () => {
  const { rules }: { rules: { meta: { id: string } }[] } = load(packageName)
  const ids = rules.map(({ meta }) => meta.id.replace('@secretlint/secretlint-rule-', ''))
  expect([...presetRuleIds, ...leftOutOfPreset].sort()).toEqual(ids.sort())
  expect([...new Set(samples.map(({ id }) => id))].sort()).toEqual([...presetRuleIds].sort())
})

test.each(samples)('the rule $id finds secret:$name $secret, in its place', ({ id, name, secret, text }) => {
  const rule = presetSecretRules[presetRuleIds.indexOf(id)]
  const start = 4 + text.indexOf(secret)
  const spans: number[][] = []
  rule?.find(`use ${text} here`, (from, to) => spans.push([from, to]))
  expect(spans).toEqual([[start, start + secret.length]])
  expect(found(`use ${text} here`)).toContain(`secret:${name} ${secret}`)
})

test.each(samples.filter(({ secret, text }) => text === secret))(
  'a letter before it does not hide what the rule $id finds',
  ({ name, secret }) => {
    for (const before of ['x', '7', '_', 'é', '\u{1d5ba}'])
      expect(found(`use ${before}${secret} here`), before).toContain(`secret:${name} ${secret}`)
  },
)

test('a comment in the text switches nothing off', () => {
  const secret = `lin_api_${body(40)}`
  for (const comment of ['secretlint-disable', 'secretlint-disable-line', 'secretlint-disable-next-line'])
    expect(found(`// ${comment}\n${secret} // ${comment}`)).toEqual([`secret:linear ${secret}`])
})

test('the same texts give the same findings, in whatever order they come', () => {
  const texts = samples.map(({ text }) => `a ${text} b`)
  const forward = texts.map(found)
  expect([...texts].reverse().map(found).reverse()).toEqual(forward)
})
