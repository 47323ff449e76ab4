/** How one kind of secret is recognised. */
export interface SecretRule {
  /** The detector is `secret:<name>`. */
  readonly name: string
  /** The pattern is only tried on a text that holds one of these (three characters at least): a text without secrets costs little. */
  readonly anchors: readonly string[]
  /**
   * Its first group, where it has one, is the secret; else all of it is. Invariant: a match that fails costs a bounded
   * number of steps for each anchor (scan-cost.test.ts), so that the whole stays linear.
   */
  readonly pattern: RegExp
  /** What a found value must hold besides, against words that only look like it. */
  readonly holds?: (secret: string) => boolean
}

const hasDigits = (least: number) => (secret: string) => (secret.match(/\d/g)?.length ?? 0) >= least

const rule = (
  name: string,
  anchors: readonly string[],
  pattern: RegExp,
  holds?: (secret: string) => boolean,
): SecretRule => ({ name, anchors, pattern, ...(holds === undefined ? {} : { holds }) })

/** Keys and tokens by the beginnings that their issuers gave them for this purpose. */
const byPrefix: readonly SecretRule[] = [
  rule('aws', ['AKIA', 'ASIA'], /A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])/g),
  rule(
    'aws',
    ['ecret_access_key', 'ECRET_ACCESS_KEY', 'ecretAccessKey'],
    /secret_?access_?key["'\s:=>]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  ),
  rule('github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /gh[pousr]_[A-Za-z0-9]{36,255}/g),
  rule('github', ['github_pat_'], /github_pat_[A-Za-z0-9_]{22,255}/g),
  rule(
    'gitlab',
    ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glsoat-', 'glagent-', 'glft-'],
    /gl(?:pat|dt|rt|ptt|cbt|soat|agent|ft)-[\w-]{20,300}/g,
  ),
  rule('slack', ['xox', 'xapp-'], /(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}/g, hasDigits(3)),
  rule('slack', ['hooks.slack.com/'], /hooks\.slack\.com\/(?:services|workflows)\/[\w/-]{20,120}/g),
  rule('discord', ['/api/webhooks/'], /discord(?:app)?\.com\/api\/webhooks\/\d{15,25}\/[\w-]{50,100}/g),
  rule('telegram', [':AA'], /(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])/g),
  rule('stripe', ['k_live_', 'k_test_'], /[rsp]k_(?:live|test)_[A-Za-z0-9]{16,247}/g),
  rule('webhook', ['whsec_'], /whsec_[A-Za-z0-9+/]{24,120}={0,2}/g),
  rule('anthropic', ['sk-ant-'], /sk-ant-[\w-]{20,200}/g),
  // Also the form of many other providers of models.
  rule('openai', ['sk-'], /(?<![A-Za-z0-9])sk-[\w-]{20,250}/g, hasDigits(3)),
  rule('openrouter', ['sk-or-'], /sk-or-v1-[0-9a-f]{64}/g),
  rule('google', ['AIza'], /AIza[\w-]{35}/g),
  rule('google', ['GOCSPX-'], /GOCSPX-[\w-]{28}/g),
  rule('google', ['ya29.'], /ya29\.[\w-]{20,400}/g),
  rule('huggingface', ['hf_'], /hf_[A-Za-z0-9]{30,60}/g),
  rule('groq', ['gsk_'], /gsk_[A-Za-z0-9]{48,60}/g),
  rule('xai', ['xai-'], /xai-[A-Za-z0-9]{60,100}/g),
  rule('replicate', ['r8_'], /r8_[A-Za-z0-9]{37}/g),
  rule('perplexity', ['pplx-'], /pplx-[A-Za-z0-9]{40,60}/g),
  rule('npm', ['npm_'], /npm_[A-Za-z0-9]{36}/g),
  rule('pypi', ['pypi-'], /pypi-[\w-]{50,300}/g),
  rule('docker', ['dckr_'], /dckr_(?:pat|oat)_[\w-]{24,40}/g),
  rule('sendgrid', ['SG.'], /SG\.[\w-]{16,32}\.[\w-]{32,64}/g),
  rule(
    'twilio',
    [...'0123456789abcdef'].map((digit) => `SK${digit}`),
    /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g,
  ),
  rule('mailgun', ['key-'], /(?<![A-Za-z0-9])key-[0-9a-f]{32}(?![A-Za-z0-9])/g),
  rule('shopify', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], /shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/g),
  rule('square', ['sq0'], /sq0[a-z]{3}-[\w-]{22,50}/g),
  rule('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], /do[opr]_v1_[0-9a-f]{64}/g),
  rule('databricks', ['dapi'], /dapi[0-9a-f]{32}/g),
  rule('grafana', ['glsa_', 'glc_'], /gl(?:sa|c)_[A-Za-z0-9_+/=]{32,300}/g),
  rule('vault', ['hvs.', 'hvb.'], /hv[sb]\.[\w-]{24,200}/g),
  rule('terraform', ['.atlasv1.'], /[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,75}/g),
  rule('tailscale', ['tskey-'], /tskey-[a-z]{2,12}-[A-Za-z0-9-]{10,80}/g),
  rule('linear', ['lin_api_'], /lin_api_[A-Za-z0-9]{40}/g),
  rule('notion', ['ntn_'], /ntn_[A-Za-z0-9]{40,60}/g),
  rule('figma', ['figd_'], /figd_[\w-]{38,50}/g),
  rule('postman', ['PMAK-'], /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/g),
  rule('newrelic', ['NRAK-'], /NRAK-[A-Z0-9]{27}/g),
  rule('sentry', ['sntrys_', 'sntryu_'], /sntry[su]_[\w+/=-]{40,300}/g),
  rule('doppler', ['dp.'], /dp\.(?:pt|st|ct|scim|audit)\.[\w.-]{40,60}/g),
  rule('onepassword', ['ops_eyJ'], /ops_eyJ[\w-]{50,2000}={0,2}/g),
  rule('age', ['AGE-SECRET-KEY-1'], /AGE-SECRET-KEY-1[A-Z0-9]{58}/g),
]

/** Our own keys: src/auth/api-key.ts has their forms. */
const ownKeys: readonly SecretRule[] = [
  rule('mandate', ['mdt_', 'agx_'], /(?:mdt|agx)_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}/g),
  rule('mandate', ['xag_'], /xag_[A-Za-z0-9]{6}_[A-Za-z0-9]{32}/g),
  rule('mandate', ['ck-', 'ck_'], /(?<![A-Za-z0-9])ck[-_][A-Za-z0-9]{43}/g),
  rule('mandate', ['neo_sk_'], /neo_sk_[A-Za-z0-9]{32}/g),
  rule('mandate', ['sk_shinzo_'], /sk_shinzo_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}/g),
]

/** Secrets that are known by their form or by what is said of them. */
const byForm: readonly SecretRule[] = [
  // A key that was cut off counts as far as it goes.
  rule(
    'private_key',
    ['PRIVATE KEY'],
    /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s:.,]|-(?!----)){0,16384}(?:-----END [A-Z0-9 ]{0,30}-----)?/g,
  ),
  rule('jwt', ['eyJ'], /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{0,1000}/g),
  rule('azure', ['AccountKey=', 'SharedAccessKey='], /(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{40,100}={0,2})/g),
  rule('azure', ['sig='], /[?&]sig=([A-Za-z0-9%+/]{40,120}={0,2})/g),
  rule('connection_string', ['://'], /:\/\/[^\s:/@"'<>]{0,100}:([^\s@/"'<>${}[\]]{3,200})@[^\s"'/]/g),
  rule('authorization', ['earer '], /[Bb]earer ([\w.~+/=-]{20,2000})/g, hasDigits(3)),
  rule('authorization', ['asic '], /uthorization["'\s:=]{1,6}[Bb]asic ([A-Za-z0-9+/]{8,400}={0,2})/g),
]

/** The weakest: a name that promises a secret and a value that could be one (find-assigned-secrets.ts). */
export const weakestSecret = 'secret:assignment'

/**
 * What counts as a secret. The table is our own. The recommended preset of secretlint was measured in its place: through its own
 * core it is asynchronous (0.17 ms in the median and 2.5 ms at the 99th percentile for one layer of 4 KB, this 0.04 ms), a
 * comment in the scanned text can switch it off, and it knows no keys of Google, Azure or Twilio, no JSON web tokens and none of ours.
 */
export const secretRules: readonly SecretRule[] = [...byPrefix, ...ownKeys, ...byForm]

export const secretRuleNames: readonly string[] = [...new Set([...secretRules.map(({ name }) => name), 'assignment'])]
