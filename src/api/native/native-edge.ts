import { defineDialect } from '../edge/define-dialect.ts'
import { addAgentRoutes } from './agent-routes.ts'
import { addAnswerLinkRoutes } from './answer-link/answer-link-routes.ts'
import { refusals } from './answers.ts'
import { addAuditRoutes } from './audit-routes.ts'
import { addBudgetRoutes } from './budget-routes.ts'
import { allSchemas } from './contract/all-schemas.ts'
import { addDeliveryRoutes } from './delivery-routes.ts'
import { addEventRoutes } from './event-routes.ts'
import { addFileRoutes } from './file-routes.ts'
import { addKeyRoutes } from './key-routes.ts'
import { addLogRoutes } from './log-routes.ts'
import type { NativeContext } from './native-context.ts'
import { apiTags } from './operations.ts'
import { addPolicyRoutes } from './policy-routes.ts'
import { addPromptRoutes } from './prompt-routes.ts'
import { addRetentionRoutes } from './retention-routes.ts'
import { addServerRoutes } from './server-routes.ts'
import { addSigningKeyRoutes } from './signing-key-routes.ts'
import { addStatementRoutes } from './statement-routes.ts'
import { addTaskListRoute } from './task-list-route.ts'
import { addTaskRoutes } from './task-routes.ts'
import { addTeamRoutes } from './team-routes.ts'
import { addUserRoutes } from './user-routes.ts'
import { addWebhookRoutes } from './webhook-routes.ts'
import { addWebhookSecretRoutes } from './webhook-secret-routes.ts'
import { addWhatIfRoute } from './what-if-route.ts'

/** The native API, which answers at `/v1` and `/mandate/v1`. */
export const native = defineDialect<NativeContext>({
  name: 'native',
  mount: 'mandate',
  describe: {
    title: 'Mandate',
    description: 'Hand an agent a task, with limits, and get proof. Refusals are RFC 9457 problems with a stable code.',
    tags: apiTags,
    contract: allSchemas,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'A key, mdt_…' },
      key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
  },
  refusals,
  routes(app, context) {
    addTaskRoutes(app, context)
    addTaskListRoute(app, context)
    addEventRoutes(app, context)
    addFileRoutes(app, context)
    addBudgetRoutes(app, context)
    addRetentionRoutes(app, context)
    addStatementRoutes(app, context)
    addAuditRoutes(app, context)
    addLogRoutes(app, context)
    addPromptRoutes(app, context)
    addAnswerLinkRoutes(app, context)
    addPolicyRoutes(app, context)
    addWhatIfRoute(app, context)
    addAgentRoutes(app, context)
    addKeyRoutes(app, context)
    addSigningKeyRoutes(app, context)
    addUserRoutes(app, context)
    addTeamRoutes(app, context)
    addWebhookRoutes(app, context)
    addDeliveryRoutes(app, context)
    addWebhookSecretRoutes(app, context)
    addServerRoutes(app, context)
  },
})
