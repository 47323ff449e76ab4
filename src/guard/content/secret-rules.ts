import { ownSecretRules } from './own-secret-rules.ts'
import { presetSecretRules } from './preset-secret-rules.ts'
import type { SecretRule } from './secret-rule.ts'

/** What counts as a secret: what the recommended rules of secretlint find, and what our own table adds to them. */
export const secretRules: readonly SecretRule[] = [...ownSecretRules, ...presetSecretRules]

/** The weakest: a name that promises a secret and a value that could be one (find-assigned-secrets.ts). */
export const weakestSecret = 'secret:assignment'

export const secretRuleNames: readonly string[] = [...new Set([...secretRules.map(({ name }) => name), 'assignment'])]
