import type { Instruction } from './parse-instructions.ts'
import { type ActionReport, readAnswers } from './report-action.ts'

const mark = /\{answer\}/gi

/**
 * Puts what a person answered last into an instruction, where its text holds `{answer}`. Several answers are separated by commas.
 */
export function fillInAnswer(instruction: Instruction, reports: readonly ActionReport[]): Instruction {
  const given = reports.flatMap((report) => readAnswers(report)?.answers.map(({ text }) => text) ?? [])
  const answer = given.length === 0 ? 'nothing' : given.join(', ')
  const fill = (text: string) => text.replace(mark, () => answer)
  switch (instruction.kind) {
    case 'say':
      return { ...instruction, text: fill(instruction.text) }
    case 'read':
    case 'count':
      return { ...instruction, path: fill(instruction.path) }
    case 'write':
      return { ...instruction, text: fill(instruction.text), path: fill(instruction.path) }
    case 'fetch':
      return { ...instruction, url: fill(instruction.url) }
    case 'fail':
      return { ...instruction, reason: fill(instruction.reason) }
    case 'list':
    case 'ask':
    case 'wait':
      return instruction
  }
}
