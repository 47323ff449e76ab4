import type { StatementKind } from '../../domain/statement.ts'
import { canonicalText } from '../canonical-json.ts'
import { checkSignatures, type OpenedStatement, openStatement, type PublicKeyOf } from '../signed-statement.ts'
import type { PackagedStatement } from './audit-package.ts'
import { BrokenLink } from './broken-link.ts'

/** A statement with verified signatures, and its place in the package. */
export interface PlacedStatement extends OpenedStatement {
  /** The place in words: `statements[3] (certificate)`. */
  readonly where: string
}

type StatementOf<K extends StatementKind> = Extract<PlacedStatement['statement'], { kind: K }>

/** A statement of one kind. */
export interface PlacedOf<K extends StatementKind> extends PlacedStatement {
  readonly statement: StatementOf<K>
}

/** Decodes every statement and verifies its signatures with the package's keys. */
export function openStatements(
  statements: readonly PackagedStatement[],
  publicKeyOf: PublicKeyOf,
): readonly PlacedStatement[] {
  return statements.map(({ envelope, log_id }, i) => {
    const opened = openStatement(canonicalText(envelope))
    if ('problem' in opened) throw new BrokenLink(`statements[${i}]`, opened.problem)
    const { statement } = opened
    const where = `statements[${i}] (${statement.kind})`
    const wrong = checkSignatures(opened, publicKeyOf)
    if (wrong !== undefined) throw new BrokenLink(where, wrong.problem)
    if (statement.kind === 'rotation') checkNewKey(where, statement.to.key_id, publicKeyOf)
    if (statement.log_id !== log_id) {
      throw new BrokenLink(where, `it says that it is of the log ${statement.log_id}, and stands in the log ${log_id}`)
    }
    return { ...opened, where }
  })
}

/**
 * Checks that the new key of a rotation is among the package's keys, since `checkSignatures` takes it from the rotation
 * itself.
 */
function checkNewKey(where: string, keyId: string, publicKeyOf: PublicKeyOf): void {
  if (publicKeyOf(keyId) === undefined) throw new BrokenLink(where, `the key ${keyId} is not among the package's keys`)
}

/** The statements of these kinds. */
export function statementsOf<K extends StatementKind>(
  statements: readonly PlacedStatement[],
  ...kinds: readonly K[]
): readonly PlacedOf<K>[] {
  return statements.filter((one): one is PlacedOf<K> => kinds.some((kind) => kind === one.statement.kind))
}
