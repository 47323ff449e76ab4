import type { EngineDeps } from './engine-deps.ts'
import type { LogKeeper } from './services/log-keeper.ts'
import type { RunDispatcher } from './services/run-dispatcher.ts'

/** The services that commands and queries call. */
export interface ServerServices {
  readonly dispatcher: RunDispatcher
  readonly logKeeper: LogKeeper
}

/** All dependencies that a command or a query may ask for. Most ask for a few of them only. */
export interface ServerDeps extends EngineDeps, ServerServices {}
