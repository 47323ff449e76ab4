import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('no page and no code tells anybody to ask the registry for this program, which is not there', () => {
  const files = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'package.json']
  for (const folder of ['docs', 'src', 'bin', 'scripts', 'bench']) {
    const names = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    files.push(...names.filter((name) => /\.(?:md|ts|mjs|json|html)$/u.test(name)).map((name) => `${folder}/${name}`))
  }
  const telling = files.filter((file) =>
    /\bnp(?:x|m exec|m create|m init) (?:-\S+ )*mandate\b/u.test(readFileSync(root + file, 'utf8')),
  )
  // Where one would only ask the registry of it, it is a word about that and no command.
  expect(telling).toEqual(['src/cli/program-name.ts'])
})

test('README and docs/cli.md show a way to call it that package.json has', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  expect(scripts.mandate).toBe('node bin/mandate.mjs')
  for (const page of ['README.md', 'docs/cli.md']) {
    expect(readFileSync(root + page, 'utf8')).toContain('npm run -s mandate -- ')
  }
})
