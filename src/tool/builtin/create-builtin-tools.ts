import type { Tool } from '../tool.ts'
import { createAskQuestion } from './ask-question/create-ask-question.ts'
import type { FileToolLimits } from './builtin-tool.ts'
import { createFetchUrl, type FetchUrlOptions } from './fetch-url/create-fetch-url.ts'
import { type FetchUrlLimits, fetchLimitsOf } from './fetch-url/fetch-limits.ts'
import { createListFiles } from './list-files/create-list-files.ts'
import { createReadFile } from './read-file/create-read-file.ts'
import { createWriteFile } from './write-file/create-write-file.ts'

interface BuiltinToolsOptions extends Omit<FetchUrlOptions, 'limits'> {
  /** The configured limits of the server. */
  readonly limits: FileToolLimits & FetchUrlLimits
}

/** The tools that come with the server. Their heavy modules are loaded at the first use. */
export function createBuiltinTools({ limits, ...options }: BuiltinToolsOptions): Tool[] {
  const fetchOptions = { ...options, limits: fetchLimitsOf(limits) }
  return [
    createListFiles(),
    createReadFile(limits),
    createWriteFile(limits),
    createFetchUrl(fetchOptions),
    createAskQuestion(),
  ]
}
