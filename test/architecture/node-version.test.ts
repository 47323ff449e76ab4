import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))
const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const [, major = 0, minor = 0] = (/^>=(\d+)\.(\d+)$/u.exec(engines.node) ?? []).map(Number)

/** Runs the bin as if this were another Node. */
function runAs(version: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const preload = `--import=data:text/javascript,${encodeURIComponent(pretend)}`
  return spawnSync(process.execPath, [preload, bin, '--version'], { encoding: 'utf8' })
}

test.each([`${major - 4}.20.2`, `${major}.0.0`, `${major}.${minor - 1}.9`])(
  'Node %s is refused in one sentence that names the version that is needed',
  (version) => {
    const { status, stdout, stderr } = runAs(version)
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(/^Mandate needs [^\n]+\n$/u)
    expect(stderr).toContain(`Node ${major}.${minor} or newer; this is v${version}`)
  },
)

test.each([`${major}.${minor}.0`, `${major + 1}.0.0`])('Node %s is taken', (version) => {
  expect(runAs(version).status).toBe(0)
})

test('an older Node finds nothing to import before the version was checked', () => {
  // A static import that it cannot resolve would end it before the first line runs.
  const source = readFileSync(bin, 'utf8')
  expect(source).not.toMatch(/^\s*(?:import\s+[\w*{'"]|export\s)/mu)
  expect(source.indexOf('process.exit(64)')).toBeLessThan(source.indexOf('await import('))
})
