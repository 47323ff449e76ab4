import type { Health } from '../api/native/contract/health.ts'
import type { ModelList } from '../api/native/contract/model.ts'
import { createAgentCalls } from './agent-calls.ts'
import type { FollowParts } from './follow-journal.ts'
import { createGuardCalls } from './guard-calls.ts'
import { createIdentityCalls } from './identity-calls.ts'
import { type Connection, type Fetch, requestJson } from './send-request.ts'
import { createTaskCalls } from './task-calls.ts'
import { waitFor } from './wait-for.ts'
import { createWebhookCalls } from './webhook-calls.ts'

export interface ClientOptions extends Partial<FollowParts> {
  /** Where the server listens, without a path: `http://127.0.0.1:7070`. */
  readonly url: string
  /** A key of the native dialect. */
  readonly key?: string | undefined
  readonly fetch?: Fetch
}

export type Client = ReturnType<typeof createClient>

/**
 * The native API as typed calls. Every call throws ClientError for a refusal and for a server that cannot be reached, and
 * asks once: only `followJournal` comes back by itself.
 */
export function createClient(options: ClientOptions) {
  const connection: Connection = { url: options.url, key: options.key, fetch: options.fetch ?? fetch }
  const parts: FollowParts = {
    wait: options.wait ?? waitFor,
    random: options.random ?? Math.random,
    ...(options.rule && { rule: options.rule }),
  }
  const tasks = createTaskCalls(connection, parts)
  const agents = createAgentCalls(connection)
  const identities = createIdentityCalls(connection)
  const guard = createGuardCalls(connection)
  const webhooks = createWebhookCalls(connection)
  return {
    url: options.url,
    ...tasks,
    ...agents,
    ...identities,
    ...guard,
    ...webhooks,
    listModels: () => requestJson<ModelList>(connection, { path: '/models' }),
    /** Answers whether the server is well or not; only an unreachable one throws. */
    readHealth: () => requestJson<Health>(connection, { path: '/health', alsoExpected: 503 }),
  }
}
