/** The instructions of the demonstration model. docs/demo-model.md is the same list for people. */
export type Instruction =
  | { readonly kind: 'say'; readonly text: string; readonly tokens: number | null; readonly slowly: boolean }
  | { readonly kind: 'list' }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly text: string; readonly path: string }
  | { readonly kind: 'count'; readonly path: string }
  | { readonly kind: 'fetch'; readonly url: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'fail'; readonly reason: string }

/** An instruction that needs a tool. */
export type ToolInstruction = Extract<Instruction, { kind: 'list' | 'read' | 'write' | 'count' | 'fetch' }>

/** The most tokens that one instruction may ask for. */
export const tokensMax = 100_000
/** The longest wait that one instruction may ask for. */
export const secondsMax = 86_400

/** Whether an instruction needs a tool. */
export function needsTool(instruction: Instruction): instruction is ToolInstruction {
  return !['say', 'wait', 'fail'].includes(instruction.kind)
}
