/** What the demonstration model can be told to do. docs/demo-model.md is the same list for people. */
export type Instruction =
  | { readonly kind: 'say'; readonly text: string; readonly tokens: number | null; readonly slowly: boolean }
  | { readonly kind: 'list' }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly text: string; readonly path: string }
  | { readonly kind: 'count'; readonly path: string }
  | { readonly kind: 'fetch'; readonly url: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'fail'; readonly reason: string }

export type ToolInstruction = Extract<Instruction, { kind: 'list' | 'read' | 'write' | 'count' | 'fetch' }>

export const tokensMax = 100_000
export const secondsMax = 86_400

export function needsTool(instruction: Instruction): instruction is ToolInstruction {
  return !['say', 'wait', 'fail'].includes(instruction.kind)
}
