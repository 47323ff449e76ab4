import { readFileSync, statSync } from 'node:fs'
import type { Catalogue } from '../model/catalogue.ts'
import { parseCatalogueExtension } from '../model/parse-catalogue-extension.ts'
import { StartError } from './start-error.ts'

/**
 * Reads the models and providers that the models file adds to the catalogue. Null without a file. Throws StartError for
 * a file that cannot be used.
 */
export function readModelsFile(file: string | undefined): Catalogue | null {
  if (!file) return null
  try {
    // Reading a pipe or a terminal could wait for ever.
    if (!statSync(file).isFile()) throw new Error('it is not a file')
    return parseCatalogueExtension(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError('usage', `MANDATE_MODELS names ${file}, which cannot be used: ${reason}`, error)
  }
}

/** The variables that the operator has chosen for the keys of providers. */
export function keyVariablesOf(extension: Catalogue | null): string[] {
  return (extension?.providers ?? []).flatMap(({ keyVariable }) => keyVariable ?? [])
}
