import { type Static, Type } from 'typebox'
import { count } from './fields.ts'

/** A file of a task's workspace, as its last settled action left it. */
const FileSchema = Type.Object({ path: Type.String(), bytes: count(), digest: Type.String() })
/** One file of a workspace. `digest` is `sha256:` and 64 hexadecimal digits of its bytes. */
export type FileView = Static<typeof FileSchema>

/** The files of a workspace, by path. */
export const FileListSchema = Type.Object({ files: Type.Array(FileSchema) })
/** The response of `GET /v1/tasks/{id}/files`. */
export type FileList = Static<typeof FileListSchema>
