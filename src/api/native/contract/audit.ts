import { Type } from 'typebox'
import { strict } from './fields.ts'

/** The query of an export: its format, and whether it includes the contents. */
export const AuditQuerySchema = Type.Object(
  {
    contents: Type.Optional(
      Type.Boolean({ description: 'False leaves texts, arguments and results out: their digests stay.' }),
    ),
    format: Type.Optional(Type.Enum(['json', 'pdf'], { default: 'json' })),
  },
  strict,
)

/** An audit package (docs/certificates.md). Its bytes are in RFC 8785 form. */
export const AuditPackageSchema = Type.Object(
  { format: Type.String(), task: Type.String(), exported_at: Type.Integer() },
  { additionalProperties: true },
)
