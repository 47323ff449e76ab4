import { Type } from 'typebox'
import { denialReasons } from '../../../domain/capability.ts'

/** `sha256:` and 64 hex digits. */
export const digest = (description?: string) =>
  Type.String({
    pattern: '^sha256:[0-9a-f]{64}$',
    'x-form': '"sha256:" and 64 hexadecimal digits',
    ...(description !== undefined && { description }),
  })

/** One version of a policy: what a run was queued under. */
export const PolicyRefSchema = Type.Object({ name: Type.String(), digest: digest() })

/** A capability that was asked for and not given, and why. */
export const DeniedCapabilitySchema = Type.Object({
  permission: Type.String(),
  reason: Type.Enum([...denialReasons]),
  detail: Type.String(),
})

/** Files whose path fits carry the labels: `*` stands for anything within a folder, `**` across folders. */
export const PathLabelsSchema = Type.Object({ path: Type.String(), labels: Type.Array(Type.String()) })
