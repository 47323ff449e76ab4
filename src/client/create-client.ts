import type { Health } from '../api/native/contract/health.ts'
import type { ModelList } from '../api/native/contract/model.ts'
import type { FollowDeps } from './follow-journal.ts'
import { createGuardCalls } from './guard-calls.ts'
import { createAgentCalls, createIdentityCalls } from './identity-calls.ts'
import { createPromptCalls } from './prompt-calls.ts'
import { waitFor } from './reconnect-rule.ts'
import { type Connection, type Fetch, requestJson } from './send-request.ts'
import { createTaskCalls } from './task-calls.ts'
import { createWebhookCalls } from './webhook-calls.ts'

/** The server to call, and the key to call it with. */
export interface ClientOptions extends Partial<FollowDeps> {
  /** The address of the server without a path, such as `http://127.0.0.1:7070`. */
  readonly url: string
  /** A key of the native dialect. */
  readonly key?: string | undefined
  readonly fetch?: Fetch
}

/** The native API as typed calls. */
export type Client = ReturnType<typeof createClient>

/**
 * Creates a client of the native API. Every call throws ClientError for a refusal and for a server that cannot be
 * reached, and sends one request: only `followJournal` reconnects by itself.
 */
export function createClient(options: ClientOptions) {
  const connection: Connection = { url: options.url, key: options.key, fetch: options.fetch ?? fetch }
  const deps: FollowDeps = {
    wait: options.wait ?? waitFor,
    random: options.random ?? Math.random,
    ...(options.rule && { rule: options.rule }),
  }
  const tasks = createTaskCalls(connection, deps)
  const agents = createAgentCalls(connection)
  const identities = createIdentityCalls(connection)
  const prompts = createPromptCalls(connection)
  const guard = createGuardCalls(connection)
  const webhooks = createWebhookCalls(connection)
  return {
    url: options.url,
    ...tasks,
    ...agents,
    ...identities,
    ...prompts,
    ...guard,
    ...webhooks,
    listModels: () => requestJson<ModelList>(connection, { path: '/models' }),
    /** Resolves with the health of the server, good or bad. Throws only where it cannot be reached. */
    readHealth: () => requestJson<Health>(connection, { path: '/health', alsoExpected: 503 }),
  }
}
