import { Type } from 'typebox'
import { addPolicy } from '../../engine/commands/add-policy.ts'
import { checkPolicyTexts, listPolicies, type PolicyTexts, readPolicyOf } from '../../engine/queries/list-policies.ts'
import type { IdempotentRequest } from '../../store/commit.ts'
import type { PolicySummary } from '../../store/store.ts'
import { idempotencyRefusals, makeOnce } from '../edge/answer-once.ts'
import { json } from '../edge/define-refusals.ts'
import { instantOf } from '../edge/instants.ts'
import { nativeUrl } from '../edge/native-url.ts'
import { answers, answersToBody } from './answers.ts'
import {
  PolicyCheckSchema,
  type PolicyCheckView,
  PolicyListSchema,
  PolicySchema,
  type PolicyTextsBody,
  PolicyTextsSchema,
  type PolicyView,
} from './contract/policy.ts'
import type { NativeApp, NativeContext } from './native-context.ts'

/** Adds the routes of policies, which everybody reads and administrators add. A version is never changed. */
export function addPolicyRoutes(app: NativeApp, context: NativeContext): void {
  const { deps } = context
  app.get(
    '/v1/policies',
    {
      schema: {
        summary: 'List the newest version of each policy',
        response: answers({ 200: json('The policies.', PolicyListSchema) }, []),
      },
    },
    async () => ({ policies: (await listPolicies(deps)).map(summaryOf) }),
  )
  const read = answers({ 200: json('The policy.', PolicySchema) }, ['policy_not_found'])
  app.get(
    '/v1/policies/:name',
    {
      schema: {
        summary: 'Read a policy by its name, or one version of it by its digest',
        params: Type.Object({ name: Type.String() }),
        response: read,
      },
    },
    async ({ params }) => policyView(await readPolicyOf(deps, params.name)),
  )
  const added = answersToBody({ 201: json('The policy.', PolicySchema, ['Location']) }, [
    'policy_invalid',
    'name_taken',
    'limit_exceeded',
    'overloaded',
    'role_forbidden',
    ...idempotencyRefusals,
  ])
  app.post(
    '/v1/policies',
    { schema: { summary: 'Add a policy, or a new version of one', body: PolicyTextsSchema, response: added } },
    async (request, reply) => {
      const { principal, body } = request
      const add = (once?: IdempotentRequest) => addPolicy(deps, principal, textsOf(body), once)
      const policy = policyView(await makeOnce(request, reply, add))
      return reply
        .code(201)
        .header('location', nativeUrl(context, `/v1/policies/${policy.digest}`))
        .send(policy)
    },
  )
  app.post(
    '/v1/policies/check',
    {
      config: { readsOnly: true },
      schema: {
        summary: 'Say what is wrong with a policy, without adding it',
        body: PolicyTextsSchema,
        response: answersToBody({ 200: json('What is wrong.', PolicyCheckSchema) }, ['limit_exceeded', 'overloaded']),
      },
    },
    async ({ principal, body }): Promise<PolicyCheckView> => {
      const { version, problems } = await checkPolicyTexts(deps, principal, textsOf(body))
      const found =
        version === null ? { name: null, digest: null } : { name: version.document.name, digest: version.digest }
      return { ok: version !== null, ...found, problems: problems.map((problem) => ({ ...problem })) }
    },
  )
}

/** Converts the texts of a policy for the engine. */
export function textsOf({ document, cedar }: PolicyTextsBody): PolicyTexts {
  return { document: typeof document === 'string' ? document : JSON.stringify(document, null, 2), cedar }
}

function summaryOf({ version, builtin, createdAt }: PolicySummary) {
  const { name, title } = version.document
  return { name, digest: version.digest, title, builtin, created_at: instantOf(createdAt) }
}

function policyView(policy: PolicySummary): PolicyView {
  return { ...summaryOf(policy), document: { ...policy.version.document }, cedar: policy.version.cedar }
}
