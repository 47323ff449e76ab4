import { createRequire } from 'node:module'
import type { SecretRule } from './secret-rule.ts'

interface PresetRule {
  /** The preset's name of the rule, without the common prefix. */
  readonly id: string
  readonly name: string
  /** The beginnings of keys. */
  readonly keys?: readonly string[]
  /** Further texts that must occur for the rule to find something. */
  readonly hints?: readonly string[]
  /** The pattern whose first group is the secret within the rule's report. */
  readonly part?: RegExp
}

const password = /:\/\/[^:/\s]*:([^@/\s]+)@/
const shopify = ['shppa_', 'shpca_', 'shpat_', 'shpss_']
const vercel = ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_']
const accessKey = ['ccess', 'CCESS'].flatMap((a) =>
  ['', '_'].flatMap((b) => ['key', 'Key', 'KEY'].map((c) => a + b + c)),
)

const presetRules: readonly PresetRule[] = [
  { id: 'aws', name: 'aws', hints: accessKey },
  { id: 'privatekey', name: 'private_key', hints: ['PRIVATE KEY'] },
  { id: 'npm', name: 'npm', keys: ['npm_'], hints: ['x-oauth-basic'] },
  { id: 'basicauth', name: 'connection_string', hints: ['://'], part: password },
  { id: 'slack', name: 'slack', keys: ['xoxb-', 'xoxp-', 'xapp-', 'xoxa-', 'xoxo-', 'xoxr-'], hints: ['://'] },
  { id: 'sendgrid', name: 'sendgrid', keys: ['SG.'] },
  { id: 'shopify', name: 'shopify', keys: shopify },
  { id: 'stripe', name: 'stripe', keys: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'] },
  { id: 'github', name: 'github', keys: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'] },
  { id: 'gitlab', name: 'gitlab', keys: ['glpat-'] },
  { id: 'grafana', name: 'grafana', keys: ['glc_', 'glsa_'] },
  { id: 'openai', name: 'openai', hints: ['T3BlbkFJ'] },
  { id: 'anthropic', name: 'anthropic', keys: ['sk-ant-api0'] },
  { id: 'groq', name: 'groq', keys: ['gsk_'] },
  { id: 'huggingface', name: 'huggingface', keys: ['hf_'] },
  { id: 'linear', name: 'linear', keys: ['lin_api_'] },
  { id: 'notion', name: 'notion', keys: ['ntn_'] },
  { id: '1password', name: 'onepassword', keys: ['ops_ey'] },
  { id: 'database-connection-string', name: 'connection_string', hints: ['://'], part: password },
  { id: 'hashicorp-vault', name: 'vault', keys: ['hvs.', 'hvb.', 'hvr.'] },
  { id: 'vercel', name: 'vercel', keys: vercel },
  { id: 'databricks', name: 'databricks', keys: ['dapi'] },
  { id: 'docker', name: 'docker', keys: ['dckr_pat_'] },
  { id: 'figma', name: 'figma', keys: ['figd_'] },
  { id: 'cloudflare', name: 'cloudflare', keys: ['cfk_', 'cfut_', 'cfat_'] },
  { id: 'tailscale', name: 'tailscale', keys: ['tskey-'] },
]

/**
 * Rules of the preset that are left out: a comment in the scanned text lets the first switch the others off; the second
 * reads files and takes whole documents for a secret.
 */
export const leftOutOfPreset: readonly string[] = ['filter-comments', 'gcp']

/** The rules of the preset that are used. */
export const presetRuleIds: readonly string[] = presetRules.map(({ id }) => id)

/** Secretlint's rules without its core, which is asynchronous: each rule only reads a text and reports. */
export const presetSecretRules: readonly SecretRule[] = presetRules.map(
  ({ id, name, keys = [], hints = [], part }) => ({
    name,
    anchors: [...keys, ...hints],
    find(text, report) {
      for (const { from, value } of scan(id, setApart(text, keys))) {
        const secret = part?.exec(value)?.[1] ?? value
        const start = from + value.lastIndexOf(secret)
        report(start, start + secret.length)
      }
    },
  }),
)

/**
 * The text with a space in place of each letter directly before a key, since the preset ignores a key behind a letter.
 */
function setApart(text: string, keys: readonly string[]): string {
  const glued: number[] = []
  for (const key of keys) {
    for (let at = text.indexOf(key, 1); at >= 0; at = text.indexOf(key, at + key.length))
      if (/[\p{L}\p{N}_\udc00-\udfff]/u.test(text.charAt(at - 1))) glued.push(at - 1)
  }
  let apart = ''
  let done = 0
  for (const at of glued.sort((a, b) => a - b)) {
    apart += `${text.slice(done, at)} `
    done = at + 1
  }
  return apart + text.slice(done)
}

interface Reported {
  readonly from: number
  readonly value: string
}

interface Message {
  readonly data: Readonly<Record<string, unknown>>
}

interface Report {
  readonly message: Message
  readonly range: readonly [number, number]
}

interface Context {
  createTranslator(): (id: string, data: Message['data']) => Message
  report(report: Report): void
}

interface Scanner {
  file(source: { readonly content: string; readonly contentType: 'text'; readonly ext: string }): void
}

type Preset = typeof import('@secretlint/secretlint-rule-preset-recommend')

/** The interface of a rule, since the package's own types come from one that it does not install. */
interface Creator {
  readonly meta: { readonly id: string }
  create(context: Context, options: object): Scanner
}

let reported: Reported[] = []
let scanners: ReadonlyMap<string, Scanner> | undefined

function scan(id: string, content: string): readonly Reported[] {
  scanners ??= createScanners()
  reported = []
  scanners.get(id)?.file({ content, contentType: 'text', ext: '' })
  return reported.map(({ from, value }) => ({ from: Math.max(from, content.indexOf(value, from)), value }))
}

/**
 * Loads the rules when a text first holds an anchor and not at the start of the server: it takes some ten milliseconds.
 */
function createScanners(): ReadonlyMap<string, Scanner> {
  const preset: Preset = createRequire(import.meta.url)('@secretlint/secretlint-rule-preset-recommend')
  const rules: readonly Creator[] = preset.rules
  const context: Context = {
    createTranslator: () => (_id, data) => ({ data }),
    report: ({ message: { data }, range: [from] }) => {
      // The message's first value is the secret. Some ranges begin at the name that it is assigned to.
      const [value] = Object.values(data)
      if (typeof value === 'string') reported.push({ from, value })
    },
  }
  return new Map(
    rules.map((rule) => [rule.meta.id.replace('@secretlint/secretlint-rule-', ''), rule.create(context, {})]),
  )
}
