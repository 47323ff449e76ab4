import { type Capability, coveredByAny } from '../../domain/capability.ts'
import type { Tool } from '../../tool/tool.ts'

/** The tools of an agent that it may not use, and the capabilities that it lacks for them. */
export interface PowerlessTools {
  readonly tools: readonly string[]
  readonly lacks: readonly Capability[]
}

/**
 * Finds the tools that an agent has in vain: some call of each needs a capability that the agent was not granted, so that the
 * guard denies it. Undefined where there are none. Nothing is granted by it.
 */
export function findPowerlessTools(
  tools: ReadonlyMap<string, Pick<Tool, 'capabilities'>>,
  agent: { readonly tools: readonly string[]; readonly capabilities: readonly Capability[] },
): PowerlessTools | undefined {
  const lackOf = (name: string) => {
    return (tools.get(name)?.capabilities ?? []).filter((capability) => !coveredByAny(agent.capabilities, capability))
  }
  const powerless = agent.tools.filter((name) => lackOf(name).length > 0)
  if (powerless.length === 0) return undefined
  return { tools: powerless, lacks: [...new Set(powerless.flatMap(lackOf))] }
}
