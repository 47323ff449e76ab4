import { Type } from 'typebox'
import { microsPerCent } from '../../../domain/budget.ts'

/** Converts micro-dollars to cents and rounds up, so that costs are never shown too low. */
export function centsOf(microsUsd: number): number {
  return Math.ceil(microsUsd / microsPerCent)
}

/** Converts micro-dollars to cents and rounds down, so that a budget is never shown too high. */
export function wholeCentsOf(microsUsd: number): number {
  return Math.floor(microsUsd / microsPerCent)
}

/**
 * Converts an instant to seconds since 1970 with their fraction, as the product shows the times of executions and
 * frames.
 */
export function epochSecondsOf(ms: number): number {
  return ms / 1_000
}

/** The schema of an instant: seconds since 1970, UTC. */
export const epochSeconds = () => Type.Number({ minimum: 0, description: 'Seconds since 1970, UTC.' })

const form = /^exec_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/u

/** Writes a task's id as Certior shows it: `exec_` and its 32 hex digits. */
export function executionIdOf(taskId: string): string {
  return `exec_${taskId.replaceAll('-', '')}`
}

/** Reads the task's id from an execution's. It is undefined for text that is no such id. */
export function taskIdOf(executionId: string): string | undefined {
  return form.exec(executionId)?.slice(1).join('-')
}
