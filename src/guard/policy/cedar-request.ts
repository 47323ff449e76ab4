import type { CedarValueJson, EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import type { DecisionInputs } from '../../domain/decision.ts'

type CedarRequest = Pick<StatefulAuthorizationCall, 'principal' | 'action' | 'resource' | 'context' | 'entities'>

/**
 * The request to Cedar about an action. It always fits `cedarSchema` (cedar-request.test.ts) and is the same for the
 * same inputs.
 */
export function cedarRequest(inputs: DecisionInputs, argumentsText: string): CedarRequest {
  const { principal, at, ledger } = inputs
  const user = { type: 'User', id: principal.user }
  const context: Record<string, CedarValueJson> = {
    tool: inputs.tool,
    arguments: argumentsText,
    time: at,
    hour: new Date(at).getUTCHours(),
    weekday: new Date(at).getUTCDay() || 7,
    labels: [...inputs.labels],
    sinks: [...inputs.sinks],
    findings: [...new Set(inputs.findings.map(({ detector }) => detector))],
    capabilities: [...inputs.required],
    cost_micros_usd: inputs.cost_micros_usd,
    spent_micros_usd: ledger.spent.micros_usd,
    cap_micros_usd: ledger.cap.micros_usd,
  }
  if (inputs.host !== null) context['host'] = plainHost(inputs.host)
  if (inputs.path !== null) context['path'] = inputs.path
  const attrs: EntityJson['attrs'] = { role: principal.role }
  if (principal.team !== null) attrs['team'] = principal.team
  return {
    principal: user,
    action: { type: 'Action', id: inputs.access },
    resource: { type: 'Tool', id: inputs.tool },
    context,
    entities: [{ uid: user, attrs, parents: [] }],
  }
}

/**
 * The normal spelling of a host, so that rules need not list others: lower case, no root dot, no brackets around an
 * address.
 */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.+$/u, '')
    .replace(/^\[(.*)\]$/u, '$1')
}
