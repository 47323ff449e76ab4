import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Small sources that keep to the rules; each case adds one file that breaks one of them. */
const clean: Record<string, string> = {
  'domain/task.ts': 'export const task = 1\n',
  'proof/digest.ts': "import { task } from '../domain/task.ts'\nexport const digest = task\n",
  'store/store.ts': "import type { task } from '../domain/task.ts'\nexport type Store = typeof task\n",
  'store/sqlite/sqlite-store.ts': "import type { Store } from '../store.ts'\nexport const sqlite: Store = 1\n",
  'store/postgres/postgres-store.ts': "import type { Store } from '../store.ts'\nexport const postgres: Store = 1\n",
  'guard/guard.ts': 'export const guard = 1\n',
  'journal/journal.ts': 'export const journal = 1\n',
  'runner/runner.ts': "import { guard } from '../guard/guard.ts'\nexport const runner = guard\n",
  'engine/engine.ts': "import { runner } from '../runner/runner.ts'\nexport const engine = runner\n",
  'auth/auth.ts': "import { engine } from '../engine/engine.ts'\nexport const auth = engine\n",
  'api/api.ts': "import { auth } from '../auth/auth.ts'\nexport const api = auth\n",
  'api/edge/pages.ts': 'export const pages = 1\n',
  'api/native/routes.ts': "import { pages } from '../edge/pages.ts'\nexport const routes = pages\n",
  'api/dialects/one/edge.ts': "import { pages } from '../../edge/pages.ts'\nexport const one = pages\n",
  'data-folder/lock.ts': "import { task } from '../domain/task.ts'\nexport const lock = task\n",
  'main/main.ts': "import { sqlite } from '../store/sqlite/sqlite-store.ts'\nexport const main = sqlite\n",
}

const breaches: readonly (readonly [rule: string, file: string, source: string])[] = [
  [
    'domain-imports-only-itself',
    'domain/bad.ts',
    "import { readFileSync } from 'node:fs'\nexport const bad = readFileSync\n",
  ],
  ['seam-root-imports-domain-only', 'store/bad.ts', "export { engine } from '../engine/engine.ts'\n"],
  [
    'implementation-imports-own-seam',
    'clock/system/bad.ts',
    "import type { Store } from '../../store/store.ts'\nexport type Bad = Store\n",
  ],
  ['implementation-not-sibling', 'store/sqlite/bad.ts', "export { postgres } from '../postgres/postgres-store.ts'\n"],
  ['implementations-only-in-main', 'engine/bad.ts', "export { sqlite } from '../store/sqlite/sqlite-store.ts'\n"],
  ['proof-imports-domain-only', 'proof/bad.ts', "export { guard } from '../guard/guard.ts'\n"],
  ['data-folder-imports-domain-and-proof-only', 'data-folder/bad.ts', "export { engine } from '../engine/engine.ts'\n"],
  ['data-folder-only-in-main', 'engine/bad.ts', "export { lock } from '../data-folder/lock.ts'\n"],
  ['guard-below-runner', 'guard/bad.ts', "export { runner } from '../runner/runner.ts'\n"],
  ['journal-below-runner', 'journal/bad.ts', "export { runner } from '../runner/runner.ts'\n"],
  ['runner-below-engine', 'runner/bad.ts', "export type Bad = typeof import('../engine/engine.ts').engine\n"],
  ['engine-below-auth', 'engine/bad.ts', "export type { auth } from '../auth/auth.ts'\n"],
  ['auth-below-api', 'auth/bad.ts', "export { api } from '../api/api.ts'\n"],
  ['dialect-imports-neither-sibling-nor-native', 'api/dialects/two/edge.ts', "export { one } from '../one/edge.ts'\n"],
  [
    'dialect-imports-neither-sibling-nor-native',
    'api/dialects/two/present.ts',
    "export { routes } from '../../native/routes.ts'\n",
  ],
  ['edge-imports-no-dialect', 'api/edge/bad.ts', "export { one } from '../dialects/one/edge.ts'\n"],
  ['client-imports-the-contract-only', 'client/bad.ts', "export { engine } from '../engine/engine.ts'\n"],
  ['cli-uses-client-and-proof', 'cli/bad.ts', "export { engine } from '../engine/engine.ts'\n"],
  ['nobody-imports-main', 'api/bad.ts', "export { main } from '../main/main.ts'\n"],
  ['no-dev-packages', 'engine/bad.ts', "export { test } from 'vitest'\n"],
  ['resolvable', 'engine/bad.ts', "export { gone } from './gone.ts'\n"],
  ['no-cycles', 'domain/bad.ts', "import type { Other } from './other.ts'\nexport type Bad = Other | 1\n"],
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-layers-'))
  for (const name of ['.dependency-cruiser.mjs', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(folder, name))
  mkdirSync(join(folder, 'scripts'))
  cpSync(join(root, 'scripts/check-layers.mjs'), join(folder, 'scripts/check-layers.mjs'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, source] of Object.entries(clean)) write(name, source)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, source: string): void {
  mkdirSync(dirname(join(folder, 'src', name)), { recursive: true })
  writeFileSync(join(folder, 'src', name), source)
}

function check(): Promise<{ code: number; said: string }> {
  const PATH = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/check-layers.mjs'],
      { cwd: folder, env: { ...process.env, PATH } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, said: `${stdout}${stderr}` }),
    )
  })
}

describe('the layer rule', () => {
  test('passes sources that keep to it', async () => {
    expect(await check()).toMatchObject({ code: 0 })
  })

  test.each(breaches)('%s fails on a planted violation', async (rule, file, source) => {
    write(file, source)
    const other = 'domain/other.ts'
    if (rule === 'no-cycles') write(other, "export type { Bad as Other } from './bad.ts'\n")
    try {
      const { code, said } = await check()
      expect(said).toContain(`error ${rule}:`)
      expect(code).toBe(1)
    } finally {
      for (const name of [file, other]) rmSync(join(folder, 'src', name), { force: true })
    }
  })

  test('fails when it saw no module', async () => {
    writeFileSync(join(folder, '.dependency-cruiser.mjs'), "export default { options: { exclude: 'src' } }\n")
    try {
      expect(await check()).toMatchObject({ code: 1, said: expect.stringContaining('Only 0 of') })
    } finally {
      cpSync(join(root, '.dependency-cruiser.mjs'), join(folder, '.dependency-cruiser.mjs'))
    }
  })
})
