import * as agent from './agent.ts'
import * as audit from './audit.ts'
import * as budget from './budget.ts'
import * as event from './event.ts'
import * as file from './file.ts'
import * as health from './health.ts'
import * as identity from './identity.ts'
import * as log from './log.ts'
import * as model from './model.ts'
import * as policy from './policy.ts'
import * as policyRef from './policy-ref.ts'
import * as problem from './problem.ts'
import * as prompt from './prompt.ts'
import * as run from './run.ts'
import * as sealed from './sealed.ts'
import * as signingKey from './signing-key.ts'
import * as statement from './statement.ts'
import * as task from './task.ts'
import * as taskRequests from './task-requests.ts'
import * as tool from './tool.ts'
import * as usage from './usage.ts'
import * as usageReport from './usage-report.ts'
import * as webhook from './webhook.ts'

/** Every schema of the contract by the name of its export: the components of the OpenAPI document. */
export const allSchemas = {
  ...agent,
  ...audit,
  ...budget,
  ...event,
  ...file,
  ...health,
  ...identity,
  ...log,
  ...model,
  ...policy,
  ...policyRef,
  ...problem,
  ...prompt,
  ...run,
  ...sealed,
  ...signingKey,
  ...statement,
  ...task,
  ...taskRequests,
  ...tool,
  ...usage,
  ...usageReport,
  ...webhook,
}
