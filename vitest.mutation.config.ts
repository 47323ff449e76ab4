import { defineConfig } from 'vitest/config'

/** The tests that judge the mutants of a group of stryker.config.mjs: those beside the files, and for the runner those that drive it. */
const tests: Readonly<Record<string, string[]>> = {
  domain: ['src/{domain,journal}/**/*.test.ts'],
  guard: ['src/guard/**/*.test.ts'],
  runner: ['src/runner/**/*.test.ts', 'src/engine/*.test.ts', 'src/engine/commands/{stop,cancel}-run.test.ts'],
  dialects: ['src/api/dialects/*/*.test.ts'],
  seed: ['src/domain/**/*.test.ts'],
}

export default defineConfig({
  test: { include: tests[process.env['MUTATION_GROUP'] ?? 'seed'] ?? [], testTimeout: 120_000 },
})
