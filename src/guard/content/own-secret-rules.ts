import { patternRule, type SecretRule } from './secret-rule.ts'

const hasDigits = (least: number) => (secret: string) => (secret.match(/\d/g)?.length ?? 0) >= least

/**
 * Secrets that the preset finds less reliably: not where more letters follow, or the end is missing, or (of Amazon,
 * SendGrid and 1Password) where certain characters occur.
 */
const widened: readonly SecretRule[] = [
  patternRule('aws', ['AKIA', 'ASIA'], /A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])/g),
  patternRule(
    'aws',
    ['ecret_access_key', 'ECRET_ACCESS_KEY', 'ecretAccessKey'],
    /secret_?access_?key["'\s:=>]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  ),
  patternRule('github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /gh[pousr]_[A-Za-z0-9]{36,255}/g),
  patternRule('github', ['github_pat_'], /github_pat_[A-Za-z0-9_]{22,255}/g),
  patternRule('npm', ['npm_'], /npm_[A-Za-z0-9]{36}/g),
  patternRule('groq', ['gsk_'], /gsk_[A-Za-z0-9]{48,60}/g),
  patternRule('huggingface', ['hf_'], /hf_[A-Za-z0-9]{30,60}/g),
  patternRule('notion', ['ntn_'], /ntn_[A-Za-z0-9]{40,60}/g),
  patternRule('docker', ['dckr_'], /dckr_(?:pat|oat)_[\w-]{24,40}/g),
  patternRule('sendgrid', ['SG.'], /SG\.[\w-]{16,32}\.[\w-]{32,64}/g),
  patternRule('onepassword', ['ops_eyJ'], /ops_eyJ[\w-]{50,2000}={0,2}/g),
]

/**
 * Secrets of issuers or kinds that the preset does not know, by the beginnings that their issuers gave them for this
 * purpose.
 */
const byPrefix: readonly SecretRule[] = [
  patternRule(
    'gitlab',
    ['gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glsoat-', 'glagent-', 'glft-'],
    /gl(?:dt|rt|ptt|cbt|soat|agent|ft)-[\w-]{20,300}/g,
  ),
  patternRule('slack', ['xoxc-', 'xoxd-', 'xoxe-', 'xoxs-'], /xox[cdes]-[A-Za-z0-9%-]{10,250}/g, hasDigits(3)),
  patternRule('slack', ['hooks.slack.com/'], /hooks\.slack\.com\/(?:workflows|triggers)\/[\w/-]{20,120}/g),
  patternRule('discord', ['/api/webhooks/'], /discord(?:app)?\.com\/api\/webhooks\/\d{15,25}\/[\w-]{50,100}/g),
  patternRule('telegram', [':AA'], /(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])/g),
  patternRule('webhook', ['whsec_'], /whsec_[A-Za-z0-9+/]{24,120}={0,2}/g),
  patternRule('anthropic', ['sk-ant-'], /sk-ant-[\w-]{20,200}/g),
  patternRule('openrouter', ['sk-or-'], /sk-or-v1-[0-9a-f]{64}/g),
  // Many other providers of models use this form too.
  patternRule('openai', ['sk-'], /(?<![A-Za-z0-9])sk-[\w-]{20,250}/g, hasDigits(3)),
  patternRule('google', ['AIza'], /AIza[\w-]{35}/g),
  patternRule('google', ['GOCSPX-'], /GOCSPX-[\w-]{28}/g),
  patternRule('google', ['ya29.'], /ya29\.[\w-]{20,400}/g),
  patternRule('xai', ['xai-'], /xai-[A-Za-z0-9]{60,100}/g),
  patternRule('replicate', ['r8_'], /r8_[A-Za-z0-9]{37}/g),
  patternRule('perplexity', ['pplx-'], /pplx-[A-Za-z0-9]{40,60}/g),
  patternRule('pypi', ['pypi-'], /pypi-[\w-]{50,300}/g),
  patternRule(
    'twilio',
    [...'0123456789abcdef'].map((digit) => `SK${digit}`),
    /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g,
  ),
  patternRule('mailgun', ['key-'], /(?<![A-Za-z0-9])key-[0-9a-f]{32}(?![A-Za-z0-9])/g),
  patternRule('square', ['sq0'], /sq0[a-z]{3}-[\w-]{22,50}/g),
  patternRule('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], /do[opr]_v1_[0-9a-f]{64}/g),
  patternRule('terraform', ['.atlasv1.'], /[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,75}/g),
  patternRule('postman', ['PMAK-'], /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/g),
  patternRule('newrelic', ['NRAK-'], /NRAK-[A-Z0-9]{27}/g),
  patternRule('sentry', ['sntrys_', 'sntryu_'], /sntry[su]_[\w+/=-]{40,300}/g),
  patternRule('doppler', ['dp.'], /dp\.(?:pt|st|ct|scim|audit)\.[\w.-]{40,60}/g),
  patternRule('age', ['AGE-SECRET-KEY-1'], /AGE-SECRET-KEY-1[A-Z0-9]{58}/g),
]

/** The keys of Mandate, whose forms are in src/auth/api-key.ts. */
const ownKeys: readonly SecretRule[] = [
  patternRule('mandate', ['mdt_', 'agx_'], /(?:mdt|agx)_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}/g),
  patternRule('mandate', ['xag_'], /xag_[A-Za-z0-9]{6}_[A-Za-z0-9]{32}/g),
  patternRule('mandate', ['ck-', 'ck_'], /(?<![A-Za-z0-9])ck[-_][A-Za-z0-9]{43}/g),
  patternRule('mandate', ['neo_sk_'], /neo_sk_[A-Za-z0-9]{32}/g),
  patternRule('mandate', ['sk_shinzo_'], /sk_shinzo_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}/g),
]

/** Secrets that are recognised by their form or by the words around them. */
const byForm: readonly SecretRule[] = [
  // A truncated key counts as far as it goes.
  patternRule(
    'private_key',
    ['PRIVATE KEY'],
    /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s:.,]|-(?!----)){0,16384}(?:-----END [A-Z0-9 ]{0,30}-----)?/g,
  ),
  patternRule('jwt', ['eyJ'], /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{0,1000}/g),
  patternRule(
    'azure',
    ['AccountKey=', 'SharedAccessKey='],
    /(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{40,100}={0,2})/g,
  ),
  patternRule('azure', ['sig='], /[?&]sig=([A-Za-z0-9%+/]{40,120}={0,2})/g),
  patternRule('connection_string', ['://'], /:\/\/[^\s:/@"'<>]{0,100}:([^\s@/"'<>${}[\]]{3,200})@[^\s"'/]/g),
  patternRule('authorization', ['earer '], /[Bb]earer ([\w.~+/=-]{20,2000})/g, hasDigits(3)),
  patternRule('authorization', ['asic '], /uthorization["'\s:=]{1,6}[Bb]asic ([A-Za-z0-9+/]{8,400}={0,2})/g),
]

/**
 * The rules for secrets that the preset of preset-secret-rules.ts does not find, or finds less reliably
 * (own-secret-rules.test.ts).
 */
export const ownSecretRules: readonly SecretRule[] = [...widened, ...byPrefix, ...ownKeys, ...byForm]
