// Which files are mutated in a group, and which tests judge them: vitest.mutation.config.ts.
const groups = {
  domain: ['src/{domain,journal}/**/*.ts'],
  guard: ['src/guard/**/*.ts'],
  runner: ['src/runner/**/*.ts'],
  dialects: ['src/api/dialects/*/request.ts'],
  // A bounded seed of the domain, for CI.
  seed: ['src/domain/{budget,run-state,task-access,task-details}.ts'],
}
const group = process.env.MUTATION_GROUP ?? 'seed'

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: [...groups[group], '!src/**/*.test.ts', '!src/**/*.conformance.ts'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 1,
  timeoutMS: 20_000,
  thresholds: { high: 90, low: 75, break: group === 'seed' ? 95 : null },
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: `coverage/mutation-${group}.json` },
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  tempDirName: 'coverage/stryker',
}
