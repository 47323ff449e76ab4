import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { World } from '../support/create-world.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const template = join(root, 'test/fixtures/dialect-template')
const filled: Readonly<Record<string, string>> = {
  name: 'acme',
  Name: 'Acme',
  path: '/acme-api/jobs',
  keyStart: 'acme_',
}

/** The lines that make a new dialect known, each before a line that is there. CONTRIBUTING.md names the files. */
const registrations: readonly (readonly [file: string, before: string, line: string])[] = [
  ['src/domain/principal.ts', "'shinzo'] as const", "'acme', "],
  ['src/auth/dialect-of.ts', "  mandate: 'native',", "  acme: 'acme',\n"],
  ['src/auth/dialect-of.ts', "  ['/v1/tasks', ", "  ['/acme-api', 'acme'],\n"],
  [
    'src/auth/api-key.ts',
    "  { dialect: 'native', start",
    "  { dialect: 'acme', start: 'acme_', prefixChars: 12, separator: '_', secretChars: 43 },\n",
  ],
  [
    'src/api/create-app.ts',
    "import { agentrix } from './dialects/",
    "import { acme } from './dialects/acme/edge.ts'\n",
  ],
  ['src/api/create-app.ts', '    agentrix: agentrix(context),', '    acme: acme(context),\n'],
]

/** A copy of the sources to which the dialect is added. Below the root, so that packages are found. */
let copy: string
let world: World
beforeAll(async () => {
  copy = mkdtempSync(join(root, 'test/.added-dialect-'))
  for (const name of ['src', 'policies', 'test/support']) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  }
  for (const name of readdirSync(template, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.template')) continue
    const text = readFileSync(join(template, name), 'utf8').replaceAll(
      /\{\{(\w+)\}\}/gu,
      (_, hole) => filled[hole] ?? '',
    )
    const to = join(copy, 'src/api/dialects/acme', name.replace(/\.template$/u, ''))
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, text)
  }
  for (const [file, before, line] of registrations) {
    const text = readFileSync(join(copy, file), 'utf8')
    expect(text.split(before), `${file}: ${before}`).toHaveLength(2)
    writeFileSync(join(copy, file), text.replace(before, line + before))
  }
  const { createWorld } = await import(pathToFileURL(join(copy, 'test/support/create-world.ts')).href)
  world = await createWorld()
})
afterAll(async () => {
  await world?.close()
  rmSync(copy, { recursive: true, force: true })
})

test('a dialect that is copied from the template, filled and registered answers in its own words', async () => {
  const caller = await world.addCaller('operator', { dialect: 'acme' as never })
  expect(caller.key).toMatch(/^acme_/u)
  const body = { prompt: 'say hi', colour: 'red', sparkle: true }
  const made = await world.call('POST', '/acme-api/jobs', body, caller)
  expect([made.statusCode, made.json()]).toEqual([202, expect.objectContaining({ status: 'open', colour: 'red' })])
  expect(made.headers['mandate-ignored-fields']).toBe('sparkle')
  const { id } = made.json()
  await world.app.inject({ url: `/mandate/v1/tasks/${id}?wait=30`, headers: caller.headers })
  const read = await world.call('GET', `/acme/acme-api/jobs/${id}`, undefined, caller)
  expect(read.json()).toMatchObject({ id, status: 'done', colour: 'red', answer: expect.stringMatching(/\S/u) })
})

test('its refusals, its keys and its document are its own', async () => {
  const caller = await world.addCaller('operator', { dialect: 'acme' as never })
  const absent = await world.call('GET', '/acme-api/jobs/x', undefined, caller)
  expect([absent.statusCode, absent.json()]).toEqual([
    404,
    { error: 'task_not_found', message: 'There is no such task.' },
  ])
  const keyless = await world.app.inject({ url: '/acme-api/jobs/x' })
  expect([keyless.statusCode, keyless.json().error]).toEqual([401, 'unauthenticated'])
  const foreign = await world.call('GET', '/acme-api/jobs/x')
  expect([foreign.statusCode, foreign.json().error]).toEqual([401, 'unauthenticated'])
  const document = (await world.app.inject({ url: '/acme/openapi.json' })).json()
  expect(Object.keys(document.paths)).toEqual(['/acme-api/jobs', '/acme-api/jobs/{id}'])
})
