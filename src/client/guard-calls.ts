import type {
  PolicyCheckView,
  PolicyList,
  PolicyTextsBody,
  PolicyView,
  WhatIfRequestBody,
  WhatIfView,
} from '../api/native/contract/policy.ts'
import type { RotatedKeysView, SigningKeysView } from '../api/native/contract/signing-key.ts'
import type { StatementView } from '../api/native/contract/statement.ts'
import type { UsageQuery, UsageReportView } from '../api/native/contract/usage-report.ts'
import { type Connection, requestJson, type Sendable } from './send-request.ts'

/** The calls about policies, statements, signing keys and usage. */
export function createGuardCalls(connection: Connection) {
  const post = <View>(path: string, body: unknown = {}) => requestJson<View>(connection, { method: 'POST', path, body })
  return {
    listPolicies: () => requestJson<PolicyList>(connection, { path: '/policies' }),
    /** Reads a policy by its name, or one of its versions by its digest. */
    readPolicy: (word: string) =>
      requestJson<PolicyView>(connection, { path: `/policies/${encodeURIComponent(word)}` }),
    addPolicy: (body: PolicyTextsBody) => post<PolicyView>('/policies', body),
    checkPolicy: (body: PolicyTextsBody) => post<PolicyCheckView>('/policies/check', body),
    /** Decides recorded actions again under another policy. It changes nothing. */
    whatIf: (body: Sendable<WhatIfRequestBody>) => post<WhatIfView>('/policies/what-if', body),
    sumUsage: (query: Sendable<UsageQuery> = {}) => requestJson<UsageReportView>(connection, { path: '/usage', query }),
    readStatement: (digest: string) =>
      requestJson<StatementView>(connection, { path: `/statements/${encodeURIComponent(digest)}` }),
    revokeCertificate: (digest: string) => post<StatementView>(`/statements/${encodeURIComponent(digest)}/revoke`),
    /** Reads the signing keys, which are published beside the API and not below it. */
    listSigningKeys: () => requestJson<SigningKeysView>(connection, { path: '/../.well-known/mandate-keys.json' }),
    rotateSigningKey: () => post<RotatedKeysView>('/keys/rotate-signing'),
  }
}
