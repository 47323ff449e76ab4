import { expect, test } from 'vitest'
import { sampleDocument } from '../../../test/support/sample-inputs.ts'
import { type PolicyDocument, proofNames } from '../../domain/policy.ts'
import { parsePolicyDocument, policyDocumentCharsMax } from './parse-policy-document.ts'

const textOf = (given: object = {}) => JSON.stringify({ ...sampleDocument(), ...given }, null, 1)

/** The problems as `line: message`, and all hints. */
const problemsOf = (source: string) => {
  const { problems = [] } = parsePolicyDocument(source)
  const lineOf = (line: number) => source.split('\n')[line - 1]?.trim()
  return {
    messages: problems.map(({ message }) => message),
    lines: problems.map(({ line }) => lineOf(line)),
    hints: problems.map(({ hint }) => hint).join('\n'),
  }
}

test('a document in its strict form is taken as it is', () => {
  const given = sampleDocument({
    ceiling: ['a:*', 'b'],
    defaults: ['a:b'],
    forbidden: ['a:c'],
    labels_of_findings: { ssn: ['phi'], secret: ['x'], personal_data: ['phi', 'x'] },
    closed_sinks: { phi: ['*', 'network'] },
    proofs: ['client_authorized'],
  })
  expect(parsePolicyDocument(textOf(given))).toEqual({ document: given })
})

test('a policy may be named like a property that every object has', () => {
  const given = sampleDocument({ name: 'constructor' })
  expect(parsePolicyDocument(textOf(given))).toEqual({ document: given })
})

const noContent = { personal_data: 'allow', secrets: 'allow', blocked_keywords: [] } as const
const noApprovals = { categories: [], tools: [] }

test.each<[string, object, string, string, string]>([
  ['a bad name', { name: 'My Policy' }, 'name is not written as it must be.', '"name": "My Policy",', 'a-z, 0-9'],
  ['a name that means another', { name: 'legal' }, 'name is another word', '"name": "legal",', 'legal_privilege'],
  ['an empty title', { title: '' }, 'title', '"title": "",', '1 to 100'],
  ['an empty ceiling', { ceiling: [] }, 'ceiling', '"ceiling": [],', 'At least one'],
  ['no defaults', { defaults: [] }, 'defaults', '"defaults": [],', 'At least one'],
  ['a bad pattern', { ceiling: ['*', 'a:*:b'] }, 'ceiling.1 is not written', '"a:*:b"', 'joined by colons'],
  ['an entry twice', { forbidden: ['a', 'a'] }, 'forbidden', '"forbidden": [', 'nothing stands twice'],
  ['an unknown proof', { proofs: ['no_leak'] }, 'proofs.0 is none of', '"no_leak"', 'no_phi_external_flow'],
  [
    'an unknown rule',
    { content: { personal_data: 'hide', secrets: 'allow', blocked_keywords: [] } },
    'content.personal_data',
    '"personal_data": "hide",',
    'allow, redact, block',
  ],
  [
    'a blank keyword',
    { content: { personal_data: 'allow', secrets: 'allow', blocked_keywords: [' x'] } },
    'content.blocked_keywords.0',
    '" x"',
    'no space around',
  ],
  [
    'a keyword of nothing but separators',
    { content: { personal_data: 'allow', secrets: 'allow', blocked_keywords: ['_ - _'] } },
    'content.blocked_keywords.0',
    '"_ - _"',
    'more than spaces',
  ],
  [
    'an unknown detector',
    { labels_of_findings: { personl_data: ['phi'] } },
    'labels_of_findings.personl_data is not known',
    '"personl_data": [',
    'personal_data, secret',
  ],
  ['no label', { labels_of_findings: { ssn: [] } }, 'labels_of_findings.ssn', '"ssn": []', 'nothing stands twice'],
  ['a sink in capitals', { closed_sinks: { phi: ['Network'] } }, 'closed_sinks.phi.0', '"Network"', 'tools declare'],
  ['a bad label', { closed_sinks: { 'p h i': ['*'] } }, 'closed_sinks.p h i is not known', '"p h i": [', 'By label'],
  ['a label in capitals', { labels_of_findings: { ssn: ['PHI'] } }, 'labels_of_findings.ssn.0', '"PHI"', 'A label is'],
  ['a sink twice', { closed_sinks: { phi: ['a', 'a'] } }, 'closed_sinks.phi', '"phi": [', 'nothing stands twice'],
  [
    'a secret of a kind that there is not',
    { labels_of_findings: { 'secret:x': ['phi'] } },
    'labels_of_findings.secret:x',
    '"secret:x": [',
    'ip, encoded_too_deep, secret:…) a list of labels',
  ],
  [
    'a category of two words',
    { approvals: { ...noApprovals, categories: ['a b'] } },
    'approvals.categories.0',
    '"a b"',
    'A category is',
  ],
  ['a tool of two words', { approvals: { ...noApprovals, tools: ['a b'] } }, 'approvals.tools.0', '"a b"', 'of a tool'],
  [
    'an unknown approval',
    { approvals: { ...noApprovals, x: 1 } },
    'approvals.x is not',
    '"x": 1',
    'categories and tools.',
  ],
  [
    'an unknown rule of content',
    { content: { ...noContent, x: 1 } },
    'content.x is not',
    '"x": 1',
    'It has personal_data',
  ],
  ['a proof twice', { proofs: ['no_mnpi_leak', 'no_mnpi_leak'] }, 'proofs', '"proofs": [', 'nothing stands twice'],
  ['a proof without a name', { proofs: [''] }, 'proofs.0', '""', `One of: ${proofNames.join(', ')}.`],
  ['no days', { retention_days: 0 }, 'retention_days', '"retention_days": 0,', '1 to 36500'],
  ['half a day', { retention_days: 1.5 }, 'retention_days', '"retention_days": 1.5,', 'whole number'],
  ['a word for a truth', { denial_is_final: 'no' }, 'denial_is_final', '"denial_is_final": "no"', 'true or false'],
  ['an unknown member', { retention: 5 }, 'retention is not known here.', '"retention": 5', 'retention_days'],
])('%s is refused with its line and what is allowed', (_what, given, message, line, hint) => {
  const problems = problemsOf(textOf(given))
  expect(problems.messages).toEqual([expect.stringContaining(message)])
  expect(problems.lines).toEqual([line])
  expect(problems.hints).toContain(hint)
})

test.each<[string, Partial<PolicyDocument>, string]>([
  ['a default outside the ceiling', { ceiling: ['a'], defaults: ['b'] }, 'defaults.0 is not within the ceiling.'],
  [
    'a default wider than the ceiling',
    { ceiling: ['a:b'], defaults: ['a:*'] },
    'defaults.0 is not within the ceiling.',
  ],
  [
    'a ceiling that is forbidden',
    { ceiling: ['a:b'], defaults: ['a:b'], forbidden: ['a:*'] },
    'ceiling.0 is forbidden',
  ],
  [
    'keywords that are one',
    { content: { personal_data: 'allow', secrets: 'allow', blocked_keywords: ['Ab', 'aB'] } },
    'content.blocked_keywords.1 stands here a second time.',
  ],
])('%s contradicts the rest', (_what, given, message) => {
  expect(problemsOf(textOf(given)).messages[0]).toContain(message)
})

const takeItOut = 'Take it out here, or out of "forbidden".'

test.each<[string, object, { column: number; message: string; hint: string }[]]>([
  [
    'an unknown name, with slashes and tildes',
    { 'a/b~c': 1, 'a~1b': 2 },
    [
      { column: 2, message: 'a/b~c is not known here.', hint: expect.stringContaining('A policy document has name') },
      { column: 2, message: 'a~1b is not known here.', hint: expect.stringContaining('A policy document has name') },
    ],
  ],
  [
    'a pattern that is badly written and too long',
    { ceiling: ['*', 'A'.repeat(201)] },
    [
      {
        column: 3,
        message: 'ceiling.1 must not have more than 200 characters.',
        hint: expect.stringContaining('joined by'),
      },
    ],
  ],
  [
    'no number of days',
    { retention_days: 0 },
    [{ column: 20, message: 'retention_days must be >= 1.', hint: 'A whole number of days, 1 to 36500.' }],
  ],
  [
    'a ceiling and a default that are forbidden',
    { ceiling: ['a:*', 'b'], defaults: ['a:b', 'b'], forbidden: ['b', 'a:b'] },
    [
      { column: 3, message: 'ceiling.1 is forbidden by the same policy.', hint: takeItOut },
      { column: 3, message: 'defaults.0 is forbidden by the same policy.', hint: takeItOut },
      { column: 3, message: 'defaults.1 is forbidden by the same policy.', hint: takeItOut },
    ],
  ],
  [
    'a default outside the ceiling',
    { ceiling: ['a', 'c:*'], defaults: ['b'] },
    [{ column: 3, message: 'defaults.0 is not within the ceiling.', hint: 'The ceiling is: a, c:*.' }],
  ],
  [
    'a keyword that stands there in other case',
    { content: { ...noContent, blocked_keywords: ['Ab', 'aB'] } },
    [
      {
        column: 4,
        message: 'content.blocked_keywords.1 stands here a second time.',
        hint: 'Keywords are found without regard to case.',
      },
    ],
  ],
])('the problem of %s has its place, a message and a hint', (_what, given, problems) => {
  expect(parsePolicyDocument(textOf(given)).problems).toEqual(
    problems.map((problem) => ({ where: 'document', line: expect.any(Number), ...problem })),
  )
})

test('keywords that would be the same in upper case alone are two', () => {
  const given = sampleDocument({ content: { ...noContent, blocked_keywords: ['straße', 'strasse'] } })
  expect(parsePolicyDocument(textOf(given))).toEqual({ document: given })
})

test('everything that is missing is named', () => {
  const { messages, hints } = problemsOf('{"name": "x"}')
  expect(messages).toHaveLength(11)
  expect(messages).toContain('The document has no "denial_is_final".')
  expect(hints).toContain('true or false')
})

test('what is no JSON is refused at its place', () => {
  expect(parsePolicyDocument('{\n "name": "x"\n "title": 1}').problems).toEqual([
    { where: 'document', line: 3, column: 2, message: 'A "," or "}" is missing here.', hint: null },
  ])
  expect(parsePolicyDocument('[]').problems).toHaveLength(1)
})

test('a document that is too long is refused by the name of the limit', () => {
  const document = sampleDocument()
  const ofLength = (length: number) => JSON.stringify(document).padEnd(length)
  expect(parsePolicyDocument(ofLength(policyDocumentCharsMax))).toEqual({ document })
  expect(parsePolicyDocument(ofLength(policyDocumentCharsMax + 1)).problems).toEqual([
    {
      where: 'document',
      line: 1,
      column: 1,
      message: expect.stringContaining('policy_document_chars_max'),
      hint: null,
    },
  ])
})
