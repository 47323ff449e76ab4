import type { Tool } from '../../tool.ts'
import { fileToolLimits } from '../builtin-tool.ts'

/** Creates the tool that lists the files of the workspace, one per line: path, a tab, bytes. */
export function createListFiles(): Tool {
  return {
    ...fileToolLimits,
    name: 'list_files',
    description: 'Lists the files in the workspace, one per line: the path, a tab, the size in bytes.',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    capabilities: ['filesystem:read'],
    capabilitiesFor: () => ['filesystem:read'],
    safeToRepeat: true,
    access: 'read',
    facetsOf: () => ({ host: null, path: null }),
    async perform(_input, context) {
      const files = await (await context.workspace()).list()
      context.signal.throwIfAborted()
      const lines = files.map((file) => `${file.path}\t${file.bytes}`)
      return { output: lines.length === 0 ? 'The workspace has no files.' : lines.join('\n'), wrote: false }
    },
  }
}
