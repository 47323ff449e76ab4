import type { SignedHead } from '../../domain/statement.ts'
import type { LoggedStatement } from '../../store/store.ts'
import { instantOf } from '../edge/instants.ts'
import type { LogHeadView } from './contract/log.ts'
import type { StatementView } from './contract/statement.ts'

/** Shows a statement with its place in the log. `envelope` is signed byte for byte. */
export function statementView(logged: LoggedStatement): StatementView {
  const envelope = envelopeOf(logged.envelope)
  return {
    digest: logged.digest,
    kind: logged.kind,
    task: logged.task,
    run: logged.run,
    action: logged.action,
    issued_at: instantOf(logged.issuedAt),
    log_id: logged.logId,
    leaf_index: logged.leafIndex,
    leaf: logged.leaf,
    statement: JSON.parse(Buffer.from(envelope.payload, 'base64').toString()),
    envelope,
  }
}

/** Shows a signed head. `envelope` is signed byte for byte. */
export function headView({ logId, size, root, at, envelope }: SignedHead): LogHeadView {
  return { log_id: logId, size, root, at: instantOf(at), envelope: envelopeOf(envelope) }
}

/** Parses an envelope, which was written by this server and is not checked again. */
function envelopeOf(text: string): StatementView['envelope'] {
  return JSON.parse(text)
}
