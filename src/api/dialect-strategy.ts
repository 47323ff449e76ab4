import type { FastifyServerOptions } from 'fastify'
import type { SpokenDialect } from './speak.ts'

type Constraints = NonNullable<NonNullable<FastifyServerOptions['routerOptions']>['constraints']>
type Strategy = Constraints[string]

/** Routes of the same path, told apart by the dialect that the request speaks. */
export function dialectStrategy(spoken: SpokenDialect): Strategy {
  return {
    name: 'dialect',
    mustMatchWhenDerived: true,
    deriveConstraint: (request) => spoken(request),
    storage() {
      const handlers = new Map<unknown, ReturnType<ReturnType<Strategy['storage']>['get']>>()
      return {
        get: (dialect) => handlers.get(dialect) ?? null,
        set: (dialect, handler) => {
          handlers.set(dialect, handler)
        },
      }
    },
  }
}
