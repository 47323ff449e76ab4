import { limitDefaults } from '../../src/domain/limits.ts'
import { fetchLimitsOf } from '../../src/tool/builtin/fetch-url/fetch-limits.ts'
import { workspaceLimitsOf } from '../../src/tool/workspace-disk/workspace-limits.ts'

/** The limits of a fetch as a server without any setting has them. */
export const testFetchLimits = fetchLimitsOf(limitDefaults)
/** The limits of a workspace as a server without any setting has them. */
export const testWorkspaceLimits = workspaceLimitsOf(limitDefaults)
