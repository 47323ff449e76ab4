import { expect, test } from 'vitest'
import { permitAll } from '../../../test/support/sample-inputs.ts'
import { checkCedar, policyCedarCharsMax, policyRulesMax } from './check-cedar.ts'

const rule = (condition: string) => `${permitAll}\n@id("r") forbid (principal, action, resource) when { ${condition} };`

test('a text of the schema has no problems, with and without ids', () => {
  expect(checkCedar(`${permitAll}\nforbid (principal, action == Action::"send", resource);`)).toEqual([])
  expect(checkCedar(rule('context has host && context.host like "*.internal" && principal has team'))).toEqual([])
  expect(
    checkCedar(rule('context.labels.contains("phi") && context.weekday > 5 && principal.role == "viewer"')),
  ).toEqual([])
})

test('a misspelt word is refused with its line, its column and what was meant', () => {
  const source = `// grüße 😀\n${rule('context.lables.contains("phi")')}`
  expect(checkCedar(source)).toEqual([
    {
      where: 'cedar',
      line: 3,
      column: (source.split('\n')[2] ?? '').indexOf('context.lables') + 1,
      message: 'Attribute `lables` in context not found.',
      hint: 'did you mean `labels`?',
    },
  ])
})

test.each([
  ['permit (principal, action, resource)', 1, 'Unexpected end of input.'],
  [`${permitAll}\nforbid (principal, action == Action::"fetsh", resource);`, 2, 'Unrecognized action'],
  [rule('context.path like "*.txt"'), 2, 'Unable to guarantee safety of access to optional attribute `path`'],
  [rule('context.hour + 1'), 2, 'Unexpected type'],
  [rule('context.tool == "rеad_file"'), 2, 'mixed scripts'],
  [rule('context.hour > 5 && false'), 2, 'Policy is impossible'],
  [`${permitAll}\nforbid (principal == ?principal, action, resource);`, 2, 'This is a template'],
  [
    `${permitAll}\n\n@id("permit_all") forbid (principal, action, resource);`,
    3,
    'Another rule has the id permit_all too.',
  ],
  [`${permitAll}\n@id("default_deny") forbid (principal, action, resource);`, 2, 'cannot be the id of a rule'],
  [`${permitAll}\n@id("A b") forbid (principal, action, resource);`, 2, 'cannot be the id of a rule'],
  ['forbid (principal, action, resource);', 1, 'No rule permits anything'],
  ['', 1, 'No rule permits anything'],
])('%j is refused in line %i', (source, line, message) => {
  expect(checkCedar(source)).toEqual([
    expect.objectContaining({ where: 'cedar', line, message: expect.stringContaining(message) }),
  ])
})

test('an id that a rule without one would get is taken only once', () => {
  const source = `@id("policy1") permit (principal, action, resource);\npermit (principal, action, resource);`
  expect(checkCedar(source).map(({ line, message }) => [line, message])).toEqual([
    [2, 'Another rule has the id policy1 too.'],
  ])
})

test.each([
  ['operators', '1 + '.repeat(400).concat('1 == 1')],
  ['brackets', `${'('.repeat(20_000)}true${')'.repeat(20_000)}`],
  ['alternatives', `${'if context.hour == 1 then true else '.repeat(2_000)}true`],
])('%s that are nested too deeply are refused, and the next text is read', (_what, condition) => {
  expect(checkCedar(rule(condition))[0]?.message).toContain('nested too deeply')
  expect(checkCedar(permitAll)).toEqual([])
})

test('a long text and many rules are refused by the names of their limits', () => {
  expect(checkCedar(' '.repeat(policyCedarCharsMax + 1))[0]?.message).toContain('policy_cedar_chars_max')
  const many = 'permit (principal, action, resource);'.repeat(policyRulesMax + 1)
  expect(checkCedar(many)[0]?.message).toContain('policy_rules_max')
})

test('of a text in which nothing is right the first twenty mistakes are told, in their order', () => {
  const problems = checkCedar(`// grüße 😀\n${'permit(;\n'.repeat(2_000)}`)
  expect(problems.map(({ line, column }) => [line, column])).toEqual(
    Array.from({ length: 20 }, (_, line) => [line + 2, 8]),
  )
})
