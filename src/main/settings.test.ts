import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limitDefaults } from '../domain/limits.ts'
import { refuseMistypedSettings } from './settings.ts'
import { StartError } from './start-error.ts'

const operating = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8')

test('every setting that docs/operating.md names is known, and so is every limit', () => {
  const named = operating.match(/\bMANDATE_[A-Z_]+[A-Z]\b/gu) ?? []
  expect(named.length).toBeGreaterThan(20)
  const limits = Object.keys(limitDefaults).map((name) => `MANDATE_${name.toUpperCase()}`)
  for (const name of [...named, ...limits]) {
    expect(refuseMistypedSettings({ [name]: 'x' })).toEqual({ [name]: 'x' })
  }
})

test.each([
  ['MANDATE_PROT', 'Did you mean MANDATE_PORT?'],
  ['MANDATE_RUNS_RUNING_MAX', 'Did you mean MANDATE_RUNS_RUNNING_MAX?'],
  ['MANDATE_URLS', 'Did you mean MANDATE_URL?'],
  ['MANDATE_port', 'Did you mean MANDATE_PORT?'],
  ['MANDATE_SOMETHING_ENTIRELY_DIFFERENT', 'docs/operating.md lists the settings.'],
])('%s is refused, with what was meant where that is near', (name, advice) => {
  expect(() => refuseMistypedSettings({ PATH: '/bin', [name]: 'secret' })).toThrow(
    new StartError('usage', `${name} is set, but there is no such setting. ${advice}`),
  )
})

test('what is empty, what is not ours, what Kubernetes adds and what the operator named is left alone', () => {
  const env = {
    MANDATE_PROT: '',
    MANDATES: 'x',
    mandate_dir: 'x',
    MANDATE_SERVICE_HOST: '10.0.0.1',
    MANDATE_SERVICE_PORT_HTTP: '7070',
    MANDATE_PORT_7070_TCP_ADDR: '10.0.0.1',
    MANDATE_OWN_KEY: 'x',
  }
  expect(refuseMistypedSettings(env, ['MANDATE_OWN_KEY'])).toBe(env)
})
