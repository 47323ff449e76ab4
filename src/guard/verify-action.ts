import { type Capability, coveredByAny } from '../domain/capability.ts'

/** What the guard is asked about: one tool call that the model wants. */
export interface ActionToVerify {
  readonly action: string
  readonly tool: string
  /** All of them are needed. */
  readonly required: readonly Capability[]
  /** The effective capabilities of the run. */
  readonly granted: readonly Capability[]
}

export interface Decision {
  readonly answer: 'allow' | 'deny' | 'ask'
  /** What decided, by name. */
  readonly rules: readonly string[]
  /** Written for the model and for people; holds no arguments. */
  readonly reason: string
}

/** Asked before every action. Its answer is committed before the tool runs. */
export interface Guard {
  verify(action: ActionToVerify): Promise<Decision>
}

/** Decides by capabilities alone: every needed one must be covered by a granted one. */
export function verifyCapabilities(action: ActionToVerify): Decision {
  const missing = action.required.filter((wanted) => !coveredByAny(action.granted, wanted))
  if (missing.length > 0) {
    return {
      answer: 'deny',
      rules: ['capability'],
      reason: `The tool ${action.tool} needs ${missing.join(', ')}, which this run was not granted.`,
    }
  }
  return { answer: 'allow', rules: ['capability'], reason: 'Every needed capability is granted.' }
}

export function createCapabilityGuard(): Guard {
  return { verify: async (action) => verifyCapabilities(action) }
}
