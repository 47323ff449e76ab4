import { coveredByAny } from '../../domain/capability.ts'
import { policyNameOf } from '../../domain/policy.ts'
import type { RunConfig } from '../../domain/task.ts'
import type { Tool } from '../../tool/tool.ts'
import type { RunOptions } from './freeze-run-config.ts'

/** The restraints that a message asks for: the run that reads it may do no more. */
export type Restraints = Pick<RunOptions, 'tools' | 'toolAccess' | 'capabilities' | 'policy' | 'stepsMax' | 'timeoutMs'>

/**
 * Names the first thing in which a run may do more than these restraints allow, in words; undefined where it keeps to all of
 * them. A run that may do more must not read a message that asks for restraint.
 */
export function findExceededRestraint(
  config: RunConfig,
  restraints: Restraints,
  tools: ReadonlyMap<string, Pick<Tool, 'access'>>,
): string | undefined {
  const { tools: names, toolAccess, capabilities, policy, stepsMax, timeoutMs } = restraints
  const accessOf = (name: string) => tools.get(name)?.access ?? 'other'
  const beyond = config.tools.find(
    (name) => names?.includes(name) === false || toolAccess?.includes(accessOf(name)) === false,
  )
  if (beyond !== undefined) return `may use the tool ${beyond}`
  const more = capabilities && config.capabilities.find((capability) => !coveredByAny(capabilities, capability))
  if (more !== undefined) return `has the capability ${more}`
  if (policy != null && policyNameOf(policy) !== config.policy.name) return `is under the policy ${config.policy.name}`
  if (stepsMax != null && config.stepsMax > stepsMax) return `may take ${config.stepsMax} steps`
  if (timeoutMs != null && config.timeoutMs > timeoutMs) return `may take ${config.timeoutMs / 1_000} seconds`
  return undefined
}
