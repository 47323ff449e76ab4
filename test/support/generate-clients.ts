import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'
import openapiTypes, { astToString } from 'openapi-typescript'

/**
 * Writes what two generators make of an OpenAPI document into a folder of its own: `hey/sdk.gen.ts` of hey-api, a function
 * for each operation, and `paths.ts` of openapi-typescript, the types that openapi-fetch works with.
 */
export async function generateClients(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mandate-clients-'))
  mkdirSync(join(folder, 'hey'))
  await createClient({
    input: JSON.parse(text),
    output: { path: join(folder, 'hey'), module: { extension: '.ts' }, postProcess: [] },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent' },
  })
  writeFileSync(join(folder, 'paths.ts'), astToString(await openapiTypes(JSON.parse(text))))
  return {
    folder,
    /** The functions of hey-api's client, by the names of the operations. */
    load: async (): Promise<GeneratedClient> => import(join(folder, 'hey', 'sdk.gen.ts')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface CallOptions {
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly path?: object
  readonly query?: object
  readonly body?: object
}
interface Called {
  readonly data?: unknown
  readonly error?: unknown
  /** Absent where the answer is a stream of events. */
  readonly response?: Response
  readonly stream?: AsyncIterable<unknown>
}
/** A function for each operation. It resolves with the error of an answer that is none of 2xx. */
export type GeneratedClient = Readonly<Record<string, (options: CallOptions) => Promise<Called>>>
