import { expect, test } from 'vitest'
import { anchoredRules, findSecrets } from './anchored-rules.ts'
import type { Detection } from './detectors.ts'
import { secretRules } from './secret-rules.ts'

test('each anchor is long enough to be found, and finds its own rules and those of other anchors in it', () => {
  for (const { anchors } of secretRules) {
    for (const anchor of anchors) {
      expect(anchor.length).toBeGreaterThanOrEqual(3)
      const expected = secretRules.filter((rule) => rule.anchors.some((other) => anchor.includes(other)))
      for (const text of [anchor, `x${anchor}`, `${anchor}x`, `a ${anchor} b`])
        expect(anchoredRules(text), text).toEqual(expect.arrayContaining(expected))
      expect(anchoredRules(anchor)).toEqual(expected)
    }
  }
})

test('a text without an anchor has no rule', () => {
  for (const text of ['', 'g', 'gh', 'ghp', 'ghp-', 'GHP_', 'a text of words']) expect(anchoredRules(text)).toEqual([])
})

test('rules come in the order of the table, whatever the order in the text', () => {
  const names = (text: string) => anchoredRules(text).map(({ name }) => name)
  expect(names('npm_ AKIA')).toEqual(names('AKIA npm_'))
  expect(names('npm_ AKIA')).toEqual(['aws', 'npm', 'npm'])
})

test('what a rule finds and what is assigned to a name are detections', () => {
  const key = `r8_${'a1B2c3D4e5F6'.repeat(4).slice(0, 37)}`
  const found: Detection[] = []
  findSecrets(`${key} password=Xk29!fLq83zP`, found)
  expect(found).toEqual([
    { detector: 'secret:replicate', start: 0, end: 40 },
    { detector: 'secret:assignment', start: 50, end: 62 },
  ])
})
