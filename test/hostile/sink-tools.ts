import type { Tool } from '../../src/tool/tool.ts'
import { createScriptedTool } from '../support/scripted-tool.ts'

/** A tool that posts `text` to a port of the loopback, whatever it is. */
export function createPostNote(port: number, over: Partial<Tool> = {}): Tool {
  const perform = async (input: object) => {
    const { text } = input as { text: string }
    await fetch(`http://127.0.0.1:${port}/note`, { method: 'POST', body: text, headers: { connection: 'close' } })
    return 'posted'
  }
  return createScriptedTool('post_note', perform, { access: 'send', sinks: ['network'], ...over })
}
