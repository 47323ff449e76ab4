import type { ToolInstruction } from './parse-instructions.ts'

/** The outcome of a tool call. */
export interface ActionReport {
  readonly failed: boolean
  readonly output: string
}

/** The characters of a result that are shown, from its beginning. */
const shownCharsMax = 4_000

/** The outcome of an instruction in plain words, computed from the tool's real result. */
export function reportAction(instruction: ToolInstruction, { failed, output }: ActionReport): string {
  if (failed) return `${doing(instruction)} did not work: ${shown(output)}`
  switch (instruction.kind) {
    case 'list':
      return output.trim() === '' ? 'There are no files.' : `The files:\n${shown(output)}`
    case 'read':
      return output.trim() === '' ? `${instruction.path} is empty.` : `${instruction.path} holds:\n${shown(output)}`
    case 'write':
      return `Wrote ${amount(countWords(instruction.text), 'word')} to ${instruction.path}.`
    case 'count':
      return `${instruction.path} has ${amount(countWords(output), 'word')}.`
    case 'fetch':
      return output.trim() === '' ? `${instruction.url} is empty.` : `${instruction.url} holds:\n${shown(output)}`
  }
}

/** The sentence for an instruction whose tool the agent was not given. */
export function reportMissingTool(instruction: ToolInstruction, tool: string): string {
  return `${doing(instruction)} was not possible: this agent was not given the tool ${tool}.`
}

function doing(instruction: ToolInstruction): string {
  switch (instruction.kind) {
    case 'list':
      return 'Listing the files'
    case 'read':
      return `Reading ${instruction.path}`
    case 'write':
      return `Writing ${instruction.path}`
    case 'count':
      return `Counting the words in ${instruction.path}`
    case 'fetch':
      return `Fetching ${instruction.url}`
  }
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0
}

function amount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function shown(output: string): string {
  return output.length > shownCharsMax ? `${output.slice(0, shownCharsMax)}\n(cut here)` : output
}
