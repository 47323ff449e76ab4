import type { Tool } from '../../tool.ts'
import { type FileToolLimits, fileToolLimits, inputText } from '../builtin-tool.ts'

/**
 * Creates the tool that writes a text file, replacing an existing one. It is safe to repeat: the same bytes go to the
 * same path, nothing else writes to the workspace, and after a crash the workspace is rebuilt to its last manifest
 * before the action is repeated.
 */
export function createWriteFile(limits: FileToolLimits): Tool {
  return {
    ...fileToolLimits,
    name: 'write_file',
    description:
      'Writes a text file into the workspace, replacing the file of that path. Folders are created as needed.',
    inputSchema: {
      type: 'object',
      properties: {
        path: {
          type: 'string',
          minLength: 1,
          maxLength: limits.path_chars_max,
          description: 'The path of the file, relative to the workspace, such as notes/today.md',
        },
        content: { type: 'string', maxLength: limits.file_bytes_max, description: 'The whole text of the file' },
      },
      required: ['path', 'content'],
      additionalProperties: false,
    },
    capabilities: ['filesystem:write'],
    capabilitiesFor: () => ['filesystem:write'],
    safeToRepeat: true,
    access: 'write',
    // The path is recorded as UTF-8. One that is not well-formed is refused in any case.
    facetsOf: (input) => ({ host: null, path: inputText(input, 'path').toWellFormed() }),
    async perform(input, context) {
      const path = inputText(input, 'path')
      const bytes = Buffer.from(inputText(input, 'content'))
      const workspace = await context.workspace()
      // Nothing has happened up to here. The write itself is complete or not done.
      context.signal.throwIfAborted()
      await workspace.write(path, bytes)
      return { output: `Wrote ${bytes.length} bytes to ${path}.`, wrote: true }
    },
  }
}
