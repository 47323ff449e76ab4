import { ownSecretRules } from './own-secret-rules.ts'
import { presetSecretRules } from './preset-secret-rules.ts'
import type { SecretRule } from './secret-rule.ts'

/** All rules for secrets: the recommended rules of secretlint, and our own table. */
export const secretRules: readonly SecretRule[] = [...ownSecretRules, ...presetSecretRules]

/** The weakest detector: a name that suggests a secret and a value that could be one (find-assigned-secrets.ts). */
export const weakestSecret = 'secret:assignment'

/** The names of all kinds of secrets. */
export const secretRuleNames: readonly string[] = [...new Set([...secretRules.map(({ name }) => name), 'assignment'])]
