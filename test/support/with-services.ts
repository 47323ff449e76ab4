import type { EngineDeps } from '../../src/engine/engine-deps.ts'
import type { ServerDeps } from '../../src/engine/server-deps.ts'
import { createLogKeeper } from '../../src/engine/services/log-keeper.ts'
import { createRunDispatcher, type DispatcherSignals } from '../../src/engine/services/run-dispatcher.ts'

/** Adds the services to the same object, so that what a test replaces in it is replaced for them too. */
export function withServices(deps: EngineDeps, signals: DispatcherSignals = {}): ServerDeps {
  return Object.assign(deps, {
    dispatcher: createRunDispatcher(deps, signals),
    logKeeper: createLogKeeper(deps),
  })
}
