import { expect, test } from 'vitest'
import { permitAll } from '../../../test/support/sample-inputs.ts'
import { readCedarRules } from './cedar-rules.ts'
import { loadCedar } from './cedar-schema.ts'
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

const splitIt = 'Split the condition into several rules, or use a set: ["a", "b"].contains(context.tool).'

test.each([
  [`${permitAll} forbid (principal == ?principal, action, resource);`, 'Name them, or leave it open.'],
  [
    `${permitAll} @id("A") forbid (principal, action, resource);`,
    'An id is 1 to 64 of a-z, 0-9, "_" and "-", and not default_deny or evaluation_error.',
  ],
  [`${permitAll} ${permitAll}`, 'Decisions name rules by their ids.'],
  [rule('1 + '.repeat(400).concat('1 == 1')), splitIt],
  [rule(`${'('.repeat(20_000)}true${')'.repeat(20_000)}`), `${splitIt} (RangeError`],
  ['', 'permit(principal, action, resource);'],
])('the refusal of %.60j has a hint', (source, hint) => {
  expect(checkCedar(source)[0]?.hint).toContain(hint)
})

test('an id that is too long is shown in part', () => {
  const [problem] = checkCedar(`${permitAll} @id("${'a'.repeat(200)}") forbid (principal, action, resource);`)
  expect(problem?.message).toBe(`"${'a'.repeat(100)}" cannot be the id of a rule.`)
})

test('each mistake of a text is told once, without the number that Cedar gives the rule', () => {
  const wrong = ['lables', 'sink', 'lables', 'for policy `policy1`, x']
  const rules = wrong.map((name) => `forbid (principal, action, resource) when { context["${name}"] == 1 };`)
  const source = [...Array.from({ length: 11 }, () => 'permit (principal, action, resource);'), ...rules].join('\n')
  expect(checkCedar(source).map(({ line, message }) => `${line}: ${message}`)).toEqual(
    wrong.map((name, index) => expect.stringMatching(`^${index + 12}: Attribute .*${name}.* in context not found`)),
  )
})

test('a mistake at the end of a text that is not ASCII is found at its end', () => {
  expect(checkCedar('// grüße 😀\npermit (principal, action, resource) // é')).toEqual([
    expect.objectContaining({ line: 2, message: 'Unexpected end of input.' }),
  ])
})

// An operator adds two to the depth, which is odd, so that no condition has the bound itself.
test('a condition may be 250 deep and no deeper', () => {
  const cedar = loadCedar()
  const refusedByDepth = new Map<number, boolean>()
  for (const operators of [122, 123]) {
    const source = rule(`${'1 + '.repeat(operators)}1 == 1`)
    const depth = Math.max(...readCedarRules(cedar, source).map((one) => one.depth))
    refusedByDepth.set(depth, checkCedar(source)[0]?.message.includes('nested too deeply') ?? false)
  }
  expect([...refusedByDepth]).toEqual([
    [249, false],
    [251, true],
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
  expect(checkCedar(permitAll.padEnd(policyCedarCharsMax))).toEqual([])
  expect(checkCedar('permit (principal, action, resource);'.repeat(policyRulesMax))).toEqual([])
})

test('of a text in which nothing is right the first twenty mistakes are told, in their order', () => {
  const problems = checkCedar(`// grüße 😀\n${'permit(;\n'.repeat(2_000)}`)
  expect(problems.map(({ line, column }) => [line, column])).toEqual(
    Array.from({ length: 20 }, (_, line) => [line + 2, 8]),
  )
})
