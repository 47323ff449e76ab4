import { type Static, Type } from 'typebox'
import { count, instant, strict } from './fields.ts'
import { digest } from './policy-ref.ts'
import { EnvelopeSchema, hash } from './statement.ts'

const logId = Type.Optional(
  Type.String({ minLength: 1, description: 'A former log of this server; left out: the one that grows.' }),
)

/** A signed tree head: the log had this root when it had this many leaves. */
export const LogHeadSchema = Type.Object({
  log_id: Type.String(),
  size: count(),
  root: hash('The RFC 6962 tree hash of all leaves.'),
  at: instant(),
  envelope: EnvelopeSchema,
})
/** The response of `GET /v1/log/head`, which also comes with each proof. */
export type LogHeadView = Static<typeof LogHeadSchema>

/** The query of a signed head, which names the log. */
export const LogHeadQuerySchema = Type.Object({ log_id: logId }, strict)

const proof = Type.Array(hash('An inner node or leaf.'))

/** The query of an inclusion proof: the leaf, and the size of the tree. */
export const InclusionQuerySchema = Type.Object(
  {
    statement: Type.Optional(digest('Of the statement; or give a leaf_index.')),
    leaf_index: Type.Optional(Type.Integer({ minimum: 0 })),
    size: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Of the tree it is proven to be in; left out: the newest.' }),
    ),
    log_id: logId,
  },
  strict,
)

/** A proof by RFC 6962, 2.1.1, that the leaf is in the tree of this size and root. */
export const InclusionSchema = Type.Object({
  log_id: Type.String(),
  leaf_index: count(),
  leaf: hash('The leaf itself.'),
  size: count(),
  root: hash('Of the tree of this size.'),
  proof,
  head: LogHeadSchema,
})

/** The query of a consistency proof: the earlier and the later size of the tree. */
export const ConsistencyQuerySchema = Type.Object(
  {
    from: Type.Integer({ minimum: 0 }),
    to: Type.Optional(Type.Integer({ minimum: 0, description: 'Left out: the size of the newest head.' })),
    log_id: logId,
  },
  strict,
)

/** A proof by RFC 6962, 2.1.2, that the log of `to` leaves begins with that of `from` leaves. */
export const ConsistencySchema = Type.Object({
  log_id: Type.String(),
  from: count(),
  from_root: hash('Of the smaller tree.'),
  to: count(),
  to_root: hash('Of the larger tree.'),
  proof,
  head: LogHeadSchema,
})
