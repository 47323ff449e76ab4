import { defineConfig } from 'vitest/config'
import { PlainSummaryReporter } from './scripts/plain-summary-reporter.ts'

/** Tests that take minutes: `npm run test:long`. Each has a small part of it among the others. */
export default defineConfig({
  test: {
    include: ['src/**/*.long.test.ts', 'test/**/*.long.test.ts'],
    reporters: ['default', new PlainSummaryReporter()],
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
