import { Type } from 'typebox'
import { denialReasons } from '../../../domain/capability.ts'

/** A digest, written as `sha256:` and 64 hex digits. */
export const digest = (description?: string) =>
  Type.String({
    pattern: '^sha256:[0-9a-f]{64}$',
    'x-form': '"sha256:" and 64 hexadecimal digits',
    ...(description !== undefined && { description }),
  })

/** A version of a policy, such as the one that a run was queued under. */
export const PolicyRefSchema = Type.Object({ name: Type.String(), digest: digest() })

/** A capability that was requested and denied, with the reason. */
export const DeniedCapabilitySchema = Type.Object({
  permission: Type.String(),
  reason: Type.Enum([...denialReasons]),
  detail: Type.String(),
})

/** Labels for the files whose path matches: `*` stands for anything within a folder, `**` across folders. */
export const PathLabelsSchema = Type.Object({ path: Type.String(), labels: Type.Array(Type.String()) })
