import { defineConfig } from 'vitest/config'

/** The tests that judge the mutants of a group of stryker.config.mjs: those beside the files. */
const tests: Readonly<Record<string, string[]>> = {
  domain: ['src/{domain,journal}/**/*.test.ts'],
  guard: ['src/guard/**/*.test.ts'],
  runner: ['src/runner/**/*.test.ts'],
  dialects: ['src/api/dialects/*/*.test.ts'],
  seed: ['src/domain/**/*.test.ts'],
}

/** A simulation whose seeds are drawn anew each time would give another score each time. */
const exclude = ['**/node_modules/**', 'src/runner/budget-trees.test.ts']

export default defineConfig({
  test: { exclude, include: tests[process.env['MUTATION_GROUP'] ?? 'seed'] ?? [], testTimeout: 120_000 },
})
