import { type Tool, ToolError } from '../../tool.ts'
import { decodeUtf8, type FileToolLimits, fileToolLimits, inputText } from '../builtin-tool.ts'

/** Creates the tool that reads one text file unchanged. It throws ToolError `not_text` for a file that is not UTF-8. */
export function createReadFile(limits: FileToolLimits): Tool {
  return {
    ...fileToolLimits,
    name: 'read_file',
    description: 'Reads a text file of the workspace.',
    inputSchema: {
      type: 'object',
      properties: {
        path: {
          type: 'string',
          minLength: 1,
          maxLength: limits.path_chars_max,
          description: 'The path of the file, relative to the workspace, such as notes/today.md',
        },
      },
      required: ['path'],
      additionalProperties: false,
    },
    capabilities: ['filesystem:read'],
    capabilitiesFor: () => ['filesystem:read'],
    safeToRepeat: true,
    access: 'read',
    // The path is recorded as UTF-8. One that is not well-formed is refused in any case.
    facetsOf: (input) => ({ host: null, path: inputText(input, 'path').toWellFormed() }),
    async perform(input, context) {
      const path = inputText(input, 'path')
      const bytes = await (await context.workspace()).read(path, limits.file_bytes_max)
      context.signal.throwIfAborted()
      const output = decodeUtf8(bytes)
      if (output === undefined) {
        throw new ToolError('not_text', `${JSON.stringify(path)} is a binary file of ${bytes.length} bytes, not text.`)
      }
      return { output, wrote: false }
    },
  }
}
