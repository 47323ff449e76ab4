import { type Dialect, dialects } from '../../src/domain/principal.ts'
import { createWorld, type WorldOptions } from './create-world.ts'

/** A world and the text of the OpenAPI document of each dialect, as its server hands it out. */
export async function readDocuments(options: WorldOptions = { started: false }) {
  const world = await createWorld(options)
  const texts = new Map<Dialect, string>()
  for (const dialect of dialects) texts.set(dialect, (await world.app.inject(`${mountOf(dialect)}/openapi.json`)).body)
  return {
    world,
    textOf: (dialect: Dialect) => texts.get(dialect) ?? '',
    close: () => world.close(),
  }
}

/** Where a dialect is found whatever the key is. */
export function mountOf(dialect: Dialect): string {
  return dialect === 'native' ? '/mandate' : `/${dialect}`
}
