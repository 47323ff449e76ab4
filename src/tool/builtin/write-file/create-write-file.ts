import { limitDefaults } from '../../../domain/limits.ts'
import { pathCharsMax } from '../../check-path.ts'
import type { Tool } from '../../tool.ts'
import { fileToolLimits } from '../file-tool-limits.ts'
import { inputText } from '../input-text.ts'

/**
 * Writes a text file, replacing what was there. Safe to repeat: the same bytes go to the same path, nobody else writes to
 * the workspace, and after a crash it is rebuilt to its last manifest before the action is done again.
 */
export function createWriteFile(): Tool {
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
          maxLength: pathCharsMax,
          description: 'The path of the file, relative to the workspace, such as notes/today.md',
        },
        content: { type: 'string', maxLength: limitDefaults.file_bytes_max, description: 'The whole text of the file' },
      },
      required: ['path', 'content'],
      additionalProperties: false,
    },
    capabilitiesFor: () => ['filesystem:write'],
    safeToRepeat: true,
    access: 'write',
    // As it stands in the record, which is UTF-8; a path that is not well-formed is refused in any case.
    facetsOf: (input) => ({ host: null, path: inputText(input, 'path').toWellFormed() }),
    async perform(input, context) {
      const path = inputText(input, 'path')
      const bytes = Buffer.from(inputText(input, 'content'))
      const workspace = await context.workspace()
      // The last moment at which nothing has happened yet; the write itself is whole or not at all.
      context.signal.throwIfAborted()
      await workspace.write(path, bytes)
      return { output: `Wrote ${bytes.length} bytes to ${path}.`, wrote: true }
    },
  }
}
