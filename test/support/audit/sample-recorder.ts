import { hash } from 'node:crypto'
import type { Content, Digest } from '../../../src/domain/content.ts'
import type { EventFacts, EventKind, JournalEvent, NewEvent } from '../../../src/domain/event.ts'
import { evolve, startTask, type TaskSnapshot } from '../../../src/domain/evolve.ts'
import { isTerminal } from '../../../src/domain/run-state.ts'
import type { Signer } from '../../../src/domain/signer.ts'
import type {
  ApprovalRequest,
  Certificate,
  PromptAnswerStatement,
  RefusalRecord,
  Settlement,
  SignedStatement,
  Statement,
} from '../../../src/domain/statement.ts'
import { purgedDetails } from '../../../src/domain/task-details.ts'
import { contentOf, eventsRoot } from '../../../src/proof/digests.ts'
import { signRotation, signStatement } from '../../../src/proof/signed-statement.ts'
import { rotationOf, signerNamed } from '../sample-statements.ts'
import { addOther, addStatement, openSampleLog, type SampleLog } from './sample-log.ts'

type ChainStatement = ApprovalRequest | Certificate | RefusalRecord | Settlement
/** What the recorder adds by itself. */
type Given = 'log_id' | 'key_id' | 'task' | 'run' | 'attempt' | 'previous' | 'issued_at'
type Without<T> = T extends ChainStatement ? Omit<T, Given> : never

/** Writes the record of one task as the server does: each event after the fold of those before it, each statement into the log. */
export class SampleRecorder {
  readonly task: string
  readonly events: JournalEvent[] = []
  readonly contents = new Map<Digest, Content>()
  readonly labels = new Set<string>()
  readonly logs: SampleLog[]
  readonly signers: Signer[]
  at = 1_760_000_000_000
  snapshot: TaskSnapshot | undefined
  #previous: Digest | null = null
  #run: string | null = null
  #attempt: number | null = null
  #closedSeq = 0
  #salts = 0

  constructor(task: string) {
    this.task = task
    this.signers = [signerNamed(`${task} key 1`)]
    this.logs = [openSampleLog('log-1', 3)]
  }

  get signer(): Signer {
    return this.signers.at(-1) as Signer
  }

  get log(): SampleLog {
    return this.logs.at(-1) as SampleLog
  }

  text(body: string, mediaType = 'text/plain'): Digest {
    return this.#keep(body, mediaType, false)
  }

  sealed(body: Uint8Array): Digest {
    return this.#keep(body, 'application/octet-stream', true)
  }

  salt(digest: Digest): string {
    return this.contents.get(digest)?.salt ?? ''
  }

  #keep(body: string | Uint8Array, mediaType: string, sealed: boolean): Digest {
    this.#salts += 1
    const salt = hash('sha256', `${this.task} ${this.#salts}`).slice(0, 32)
    const content = contentOf(salt, body, mediaType, sealed)
    this.contents.set(content.digest, content)
    return content.digest
  }

  /** For task.submitted, message.added and run.queued of a further run, `run` is given. */
  append<K extends EventKind>(
    kind: K,
    facts: EventFacts[K],
    contents: Record<string, Digest> = {},
    run = this.#run,
  ): void {
    this.at += 3
    if (kind === 'run.queued') [this.#run, this.#attempt, this.#previous] = [run, null, null]
    if (kind === 'run.claimed') this.#attempt = (this.#attempt ?? 0) + 1
    const event = { kind, run, attempt: this.#attempt, at: this.at, facts, contents } as NewEvent
    const numbered = { ...event, seq: this.events.length + 1 } as JournalEvent
    this.events.push(numbered)
    if (this.snapshot !== undefined) this.snapshot = evolve(this.snapshot, numbered)
    else if (this.events.length === 3) this.snapshot = startTask(this.task, this.events, purgedDetails)
    if ('labels' in facts) for (const label of facts.labels ?? []) this.labels.add(label)
  }

  /** A statement of the run's chain; issued at the instant of the event that is appended next. */
  state(statement: Without<ChainStatement>): SignedStatement {
    const chained = {
      ...statement,
      log_id: this.log.logId,
      key_id: this.signer.keyId,
      task: this.task,
      run: this.#run ?? '',
      attempt: this.#attempt ?? 0,
      previous: this.#previous,
      issued_at: this.at + 3,
    } as ChainStatement
    const signed = this.sign(chained)
    this.#previous = signed.digest
    return signed
  }

  sign(statement: Exclude<Statement, { kind: 'rotation' }>): SignedStatement {
    const signed = signStatement(this.signer, statement)
    addStatement(this.log, signed)
    if (this.log.leaves.length % 3 === 0) addOther(this.log)
    return signed
  }

  /** The signed answer to a prompt; issued at the instant of the event that is appended next. */
  answer(
    given: Omit<PromptAnswerStatement, 'kind' | 'log_id' | 'key_id' | 'task' | 'run' | 'issued_at'>,
  ): SignedStatement {
    const [log_id, key_id, run] = [this.log.logId, this.signer.keyId, this.#run ?? '']
    return this.sign({ kind: 'answer', ...given, log_id, key_id, task: this.task, run, issued_at: this.at + 3 })
  }

  revoke(certificate: Digest, action: string, by: string): void {
    const [log_id, key_id, run] = [this.log.logId, this.signer.keyId, this.#run ?? '']
    const about = { log_id, key_id, task: this.task, run, action, certificate, by, issued_at: this.at }
    this.sign({ kind: 'revocation', ...about })
  }

  rotate(): void {
    const next = signerNamed(`${this.task} key ${this.signers.length + 1}`)
    const rotation = { ...rotationOf(this.signer, next, this.at), log_id: this.log.logId }
    addStatement(this.log, signRotation(this.signer, next, rotation))
    this.signers.push(next)
  }

  restore(): void {
    this.logs.push(openSampleLog(`log-${this.logs.length + 1}`, 1))
  }

  /** After the run has ended. */
  close(): void {
    const { task, run } = this.snapshot as TaskSnapshot
    if (!isTerminal(run.state)) throw new Error('The run has not ended.')
    const last = this.events.length
    const own = this.events.slice(this.#closedSeq, last)
    const chain = this.logs.flatMap(({ statements }) => statements).filter(({ signed }) => signed.run === run.id)
    const chained = chain.filter(({ signed }) => signed.kind !== 'revocation' && signed.kind !== 'answer')
    this.sign({
      kind: 'closing',
      log_id: this.log.logId,
      key_id: this.signer.keyId,
      task: this.task,
      run: run.id,
      turn: run.turn,
      outcome: run.state,
      first_seq: this.#closedSeq + 1,
      last_seq: last,
      events_root: eventsRoot(this.task, own),
      statements: { count: chained.length, head: this.#previous },
      ledger: task.ledger,
      issued_at: this.at + 10,
    })
    this.#closedSeq = last
  }
}
