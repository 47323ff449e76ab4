import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Auth } from '../../auth/create-auth.ts'
import type { Dialect } from '../../domain/principal.ts'
import type { ServerDeps } from '../../engine/server-deps.ts'
import { addDocumentRoute } from '../openapi/add-document-route.ts'
import type { ApiDescription } from '../openapi/api-description.ts'
import type { DialectEdge } from '../speak.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { type RefuseSchemaErrors, refuseSchemaErrors } from '../validate-input.ts'
import type { Refusals } from './define-refusals.ts'
import { takeJsonBodies } from './read-json-body.ts'
import type { LiberalRules } from './read-liberally.ts'
import type { Sockets } from './sockets.ts'
import { takeLiberally } from './take-liberally.ts'

/** The dependencies of the routes of every dialect. */
export interface EdgeContext {
  readonly deps: ServerDeps
  readonly auth: Auth
  /** The URL at which clients reach this server, without a slash at its end. */
  readonly publicUrl: () => string
  readonly version: string
  readonly streams: OpenStreams
  readonly sockets: Sockets
}

/** A Fastify instance whose requests have the types of their schemas. */
export type DialectApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/**
 * Tells how a dialect reads bodies and queries where its original is liberal: null and empty count as absent, and
 * unknown fields are ignored.
 */
export interface LiberalBodies extends LiberalRules {
  /**
   * Makes the refusal of an input that does not match its schema. The default is `invalid_input` with each bad field.
   */
  readonly refuse?: RefuseSchemaErrors | undefined
  /**
   * Tells whether an empty body counts as absent, for clients that name a content type in every request. Otherwise it
   * is refused.
   */
  readonly emptyIsNone?: ((request: FastifyRequest) => boolean) | undefined
}

/**
 * Defines a dialect with everything that the server needs of it. A dialect holds no state: it calls commands and
 * reads journals.
 */
export interface DialectDefinition<Context extends EdgeContext> {
  readonly name: Dialect
  /** The first segment of its paths under its mount. The default is its name. */
  readonly mount?: string | undefined
  /** Describes the OpenAPI document, except for the parts that depend on the server. */
  readonly describe: Omit<ApiDescription, 'version' | 'servers'>
  readonly refusals: Refusals
  /** Bodies and queries are read strictly where this is left out. */
  readonly liberal?: LiberalBodies | undefined
  /** Adds the routes. It is called once for each server. */
  readonly routes: (app: DialectApp, context: Context) => void
}

/** Makes the dialect that a server mounts: its routes, their document at `/openapi.json`, and its refusals. */
export function defineDialect<Context extends EdgeContext = EdgeContext>(
  definition: DialectDefinition<Context>,
): (context: Context) => DialectEdge {
  const { name, mount = name, refusals, liberal, routes } = definition
  return (context) => {
    const { deps, publicUrl, version } = context
    const describe = (): ApiDescription => ({
      ...definition.describe,
      version,
      servers: [{ url: `${publicUrl()}/${mount}` }, { url: publicUrl() }],
    })
    return {
      dialect: name,
      refuse: (reply, refusal) => refusals.send(reply, refusal, deps.clock.now()),
      addRoutes(app) {
        if (liberal !== undefined) {
          const { refuse = refuseSchemaErrors, emptyIsNone, ...rules } = liberal
          takeJsonBodies(app, deps.limits, { emptyIsNone })
          takeLiberally(app, refuse, rules)
        }
        addDocumentRoute(app, describe, refusals.openAnswers)
        routes(app as DialectApp, context)
      },
    }
  }
}
