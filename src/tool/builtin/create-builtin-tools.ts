import type { Tool } from '../tool.ts'
import { createFetchUrl, type FetchUrlOptions } from './fetch-url/create-fetch-url.ts'
import { createListFiles } from './list-files/create-list-files.ts'
import { createReadFile } from './read-file/create-read-file.ts'
import { createWriteFile } from './write-file/create-write-file.ts'

/** The tools that come with the server. What is heavy in them is loaded when they are first used. */
export function createBuiltinTools(options: FetchUrlOptions): Tool[] {
  return [createListFiles(), createReadFile(), createWriteFile(), createFetchUrl(options)]
}
