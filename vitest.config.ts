import { defineConfig } from 'vitest/config'
import { PlainSummaryReporter } from './scripts/plain-summary-reporter.ts'

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', '**/*.long.test.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    reporters: ['default', new PlainSummaryReporter()],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
