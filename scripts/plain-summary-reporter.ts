import type { SerializedError } from 'vitest'
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

/** Prints `N passed, N failed` as the last line of a run, whatever the other reporters print. */
export class PlainSummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    let passed = 0
    let failed = unhandled.length
    for (const module of modules) {
      failed += module.errors().length // a file that does not load has no tests
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'failed') failed += 1
      }
    }
    if (reason !== 'passed' && failed === 0) failed = 1 // no test file matched
    process.once('exit', () => {
      process.stdout.write(`${passed} passed, ${failed} failed\n`) // after the default reporter's summary
    })
  }
}
