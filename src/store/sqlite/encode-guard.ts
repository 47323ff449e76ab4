import { type Amounts, type LedgerMove, noAmounts } from '../../domain/budget.ts'
import type { SignedStatement } from '../../domain/statement.ts'
import type { Run } from '../../domain/task.ts'
import type { Requirement, Write } from '../commit.ts'
import type { Call, CheckName, Parameter, WriteName } from './encoded-commit.ts'
import { amountParameters } from './ledger-rows.ts'
import { digestParameter } from './rows.ts'

/** Writes of the guard that take no part in how a task's row is advanced. */
export type GuardWrite = Extract<
  Write,
  {
    kind:
      | 'save_keeping'
      | 'purge_contents'
      | 'add_statements'
      | 'close_run'
      | 'put_log_head'
      | 'start_log'
      | 'put_policy'
  }
>

export function encodeGuardCalls(write: GuardWrite): Call<WriteName>[] {
  switch (write.kind) {
    case 'save_keeping':
      return [['saveKeeping', write.purgeAt, write.purgedAt, write.hold, write.task]]
    case 'purge_contents':
      return [
        ['purgeTask', write.task],
        ['purgeContents', write.task],
        ['purgeDetails', write.task],
        ['purgeRunDetails', write.task],
        ['purgeRuns', write.task],
      ]
    case 'add_statements':
      return write.statements.map(encodeStatement)
    case 'close_run':
      return [['closeRun', write.run]]
    case 'start_log':
      return [['startLog', write.logId, write.at]]
    case 'put_log_head': {
      const { logId, size, root, at, envelope } = write.head
      const nodes = write.nodes.map(({ level, index, hash }) => [level, index, hash])
      return [
        ['putLogHead', logId, size, root, at, envelope],
        ['addLogNodes', logId, JSON.stringify(nodes)],
      ]
    }
    case 'put_policy': {
      const { digest, document, cedar } = write.version
      const text = JSON.stringify(document)
      return [['putPolicy', digest, document.name, text, cedar, Number(write.builtin), write.at]]
    }
  }
}

function encodeStatement(statement: SignedStatement): Call<WriteName> {
  const { kind, task, run, action, digest, leaf, issuedAt, envelope } = statement
  const parameters = [kind, action, digestParameter(digest), leaf, issuedAt, envelope]
  if (run !== null) return ['addStatement', ...parameters, run]
  if (task !== null) throw new Error('A statement of a task is a statement of one of its runs.')
  return ['addLooseStatement', ...parameters]
}

type GuardRequirement = Extract<Requirement, { name: 'withinBudget' | 'unclosedRun' | 'notHeld' | 'unrevoked' }>

export function encodeGuardRequirement(requirement: GuardRequirement): Call<CheckName> {
  switch (requirement.name) {
    case 'withinBudget':
      return ['withinBudget', requirement.task, ...amountParameters(requirement.amounts)]
    case 'unclosedRun':
      return ['unclosedRun', requirement.run]
    case 'notHeld':
      return ['notHeld', requirement.task]
    case 'unrevoked':
      return ['unrevoked', digestParameter(requirement.certificate)]
  }
}

/** What a run that has ended adds to its day; before the call that saves it. Nothing for one that has not. */
export function encodeUsage(run: Run, isNew: boolean): Call<WriteName>[] {
  if (run.endedAt === null) return []
  const { inputTokens, outputTokens } = run.usage
  const day = new Date(run.endedAt).toISOString().slice(0, 10)
  return [['countRun', day, run.costMicrosUsd, inputTokens, outputTokens, run.steps, run.id, Number(isNew)]]
}

/** Whether all of a move fits into the statement that advances its task: what comes from and goes to other tasks is rare. */
export function movesAlong({ cap, lent }: LedgerMove): boolean {
  return isNothing(cap) && isNothing(lent)
}

function isNothing({ micros_usd, tokens, steps }: Amounts): boolean {
  return micros_usd === 0 && tokens === 0 && steps === 0
}

const nothing: Parameter[] = [...amountParameters(noAmounts), ...amountParameters(noAmounts), 0]

/** The part of a move that both `advanceSql` and `moveLedger` take. */
export function movingParameters(move: LedgerMove | undefined): Parameter[] {
  if (move === undefined) return nothing
  return [...amountParameters(move.spent), ...amountParameters(move.reserved), Number(move.releasesAll)]
}

export function encodeMove(task: string, move: LedgerMove): Call<WriteName> {
  return ['moveLedger', task, ...amountParameters(move.cap), ...amountParameters(move.lent), ...movingParameters(move)]
}
