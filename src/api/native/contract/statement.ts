import { type Static, Type } from 'typebox'
import { statementKinds } from '../../../domain/statement.ts'
import { count, instant, nullable, strict } from './fields.ts'
import { digest } from './policy-ref.ts'

/** A DSSE envelope: the payload in base64, and its signatures. */
export const EnvelopeSchema = Type.Object({
  payload: Type.String(),
  payloadType: Type.String(),
  signatures: Type.Array(Type.Object({ keyid: Type.String(), sig: Type.String() })),
})

/** A SHA-256 digest in hexadecimal. */
export const hash = (description: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', 'x-form': '64 hexadecimal digits', description })

/** A signed statement with its place in the log. Its leaf is the RFC 8785 bytes of `envelope`. */
export const StatementSchema = Type.Object({
  digest: digest('SHA-256 of the payload: how events and other statements name it.'),
  kind: Type.Enum([...statementKinds]),
  task: nullable(Type.String()),
  run: nullable(Type.String()),
  action: nullable(Type.String()),
  issued_at: instant(),
  log_id: Type.String(),
  leaf_index: count(),
  leaf: hash('The RFC 6962 leaf hash.'),
  statement: Type.Record(Type.String(), Type.Unknown(), { description: 'The payload: an in-toto Statement.' }),
  envelope: EnvelopeSchema,
})
/**
 * The response of the calls about one statement. `envelope` is what verifies; the other fields repeat it for readers.
 */
export type StatementView = Static<typeof StatementSchema>

/** The query that selects statements of a task. */
export const StatementQuerySchema = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({ minimum: -1, description: 'The leaf index of the last statement that was seen.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
)

/** The answer that lists statements, in the order of their leaves in the log. */
export const StatementPageSchema = Type.Object({ statements: Type.Array(StatementSchema), has_more: Type.Boolean() })
/** The response of `GET /v1/tasks/{id}/statements`. */
export type StatementPage = Static<typeof StatementPageSchema>
