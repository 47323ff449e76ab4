import type { Tool } from '../tool.ts'
import { createFetchUrl, type FetchUrlOptions } from './fetch-url/create-fetch-url.ts'
import { createListFiles } from './list-files/create-list-files.ts'
import { createReadFile } from './read-file/create-read-file.ts'
import { createWriteFile } from './write-file/create-write-file.ts'

/** The tools that come with the server. Their heavy modules are loaded at the first use. */
export function createBuiltinTools(options: FetchUrlOptions): Tool[] {
  return [createListFiles(), createReadFile(), createWriteFile(), createFetchUrl(options)]
}
