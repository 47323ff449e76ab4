import { Type } from 'typebox'
import { listFiles, readFile } from '../../engine/queries/read-files.ts'
import { json } from '../edge/define-refusals.ts'
import { answers, IdSchema } from './answers.ts'
import { FileListSchema } from './contract/file.ts'
import type { NativeApp, NativeContext } from './native-context.ts'
import { taskIdOf } from './read-task-view.ts'

/** Adds the routes that read the files of a task, as its last settled action left them. */
export function addFileRoutes(app: NativeApp, { deps }: NativeContext): void {
  const listed = answers({ 200: json('The files.', FileListSchema) }, ['task_not_found'])
  app.get(
    '/v1/tasks/:id/files',
    { schema: { summary: 'List the files of a task', params: IdSchema, response: listed } },
    async (request) => {
      const id = await taskIdOf(deps, request.params.id)
      const files = await listFiles(deps, request.principal, id)
      return { files: files.map(({ path, bytes, digest }) => ({ path, bytes, digest })) }
    },
  )
  const bytes = {
    description: 'The bytes of the file.',
    headers: ['Content-Disposition'],
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  }
  const params = Type.Object({ id: Type.String(), '*': Type.String() })
  const response = answers({ 200: bytes }, ['task_not_found', 'file_not_found'])
  const schema = { summary: 'Read a file of a task', params, response }
  app.get('/v1/tasks/:id/files/*', { schema }, async (request, reply) => {
    const id = await taskIdOf(deps, request.params.id)
    const path = request.params['*']
    const found = await readFile(deps, request.principal, id, path)
    // A file of a task is always a download, never shown as a page of this server.
    return reply
      .type('application/octet-stream')
      .header('content-disposition', disposition(path))
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "sandbox; default-src 'none'")
      .send(Buffer.from(found.buffer, found.byteOffset, found.byteLength))
  })
}

/** Writes the header of RFC 6266: a plain name for old readers, and the whole name encoded beside it. */
function disposition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
