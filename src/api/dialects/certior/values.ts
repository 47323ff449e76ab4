import { Type } from 'typebox'
import { microsPerCent } from '../../../domain/budget.ts'

/** Rounded up: what was spent is never shown as less. */
export function centsOf(microsUsd: number): number {
  return Math.ceil(microsUsd / microsPerCent)
}

/** Rounded down: what may be spent is never shown as more. */
export function wholeCentsOf(microsUsd: number): number {
  return Math.floor(microsUsd / microsPerCent)
}

/** The times of executions and frames, as the product has them: seconds since 1970, with their fraction. */
export function epochSecondsOf(ms: number): number {
  return ms / 1_000
}

export const epochSeconds = () => Type.Number({ minimum: 0, description: 'Seconds since 1970, UTC.' })

const form = /^exec_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/u

/** A task's id as Certior shows it: `exec_` and its 32 hex digits. */
export function executionIdOf(taskId: string): string {
  return `exec_${taskId.replaceAll('-', '')}`
}

/** The task that an execution's id names; undefined for text that is no such id. */
export function taskIdOf(executionId: string): string | undefined {
  return form.exec(executionId)?.slice(1).join('-')
}
