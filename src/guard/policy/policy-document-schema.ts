import { Type } from 'typebox'
import { contentRules, proofNames } from '../../domain/policy.ts'
import { detectorGroups, detectorNames } from '../content/detectors.ts'

// A person reads the description of a field as what is allowed there, where the value is not.

const strict = { additionalProperties: false }
const entriesMax = 1_000
const capability = Type.String({
  pattern: '^(?:\\*|[a-z0-9_.-]+(?::[a-z0-9_.-]+)*(?::\\*)?)$',
  maxLength: 200,
  description:
    'A capability is words of a-z, 0-9, "_", "." and "-", joined by colons (network:http:read); a pattern ends in ":*", or is "*".',
})
const capabilities = (minItems: number, description: string) =>
  Type.Array(capability, { minItems, maxItems: entriesMax, uniqueItems: true, description })
const label = Type.String({
  pattern: '^[a-z0-9_-]{1,64}$',
  description: 'A label is 1 to 64 of a-z, 0-9, "_" and "-" (phi).',
})
const sink = Type.String({
  pattern: '^(?:\\*|[a-z0-9_-]{1,64})$',
  description: 'A sink is a name of a-z, 0-9, "_" and "-" that tools declare (network), or "*" for all of them.',
})
const category = Type.String({
  pattern: '^[a-z0-9_-]{1,64}$',
  description: 'A category is 1 to 64 of a-z, 0-9, "_" and "-" that tools declare (send_email).',
})
const toolName = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,128}$', description: 'The name of a tool (fetch_url).' })
const keyword = Type.String({
  pattern: '^(?=.*[^\\s_-])\\S(?:.*\\S)?$',
  maxLength: 200,
  description:
    'A keyword is 1 to 200 characters of one line, with no space around them, and more than spaces, "-" and "_".',
})
const rule = Type.Enum([...contentRules], { description: `One of: ${contentRules.join(', ')}.` })
const detectors = [...new Set<string>([...detectorGroups, ...detectorNames])]
const oneOf = (names: readonly string[]) => `^(?:${names.join('|')})$`
const list = (item: ReturnType<typeof Type.String>, minItems = 0) =>
  Type.Array(item, {
    minItems,
    maxItems: entriesMax,
    uniqueItems: true,
    description: 'A list in which nothing stands twice.',
  })

/** The strict form of `PolicyDocument`: every field but `answer_links` is required, and no other is allowed. */
export const PolicyDocumentSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9_]{1,64}$', description: 'A name is 1 to 64 of a-z, 0-9 and "_".' }),
    title: Type.String({
      pattern: '^\\S(?:.*\\S)?$',
      maxLength: 100,
      description: 'A title is 1 to 100 characters of one line, with no space around them.',
    }),
    ceiling: capabilities(
      1,
      'At least one capability: what nobody may do needs no policy. "*" leaves the ceiling open.',
    ),
    defaults: capabilities(1, 'At least one capability: what a task gets that asks for nothing.'),
    forbidden: capabilities(0, 'A list in which nothing stands twice; [] forbids nothing.'),
    content: Type.Object(
      { personal_data: rule, secrets: rule, blocked_keywords: list(keyword) },
      { ...strict, description: 'It has personal_data, secrets and blocked_keywords.' },
    ),
    labels_of_findings: Type.Record(Type.String({ pattern: oneOf(detectors) }), list(label, 1), {
      ...strict,
      description: `By detector (${detectors.filter((name) => !name.startsWith('secret:')).join(', ')}, secret:…) a list of labels.`,
    }),
    closed_sinks: Type.Record(Type.String({ pattern: '^[a-z0-9_-]{1,64}$' }), list(sink, 1), {
      ...strict,
      description: 'By label (1 to 64 of a-z, 0-9, "_" and "-") a list of at least one sink.',
    }),
    approvals: Type.Object(
      {
        categories: list(category),
        tools: list(toolName),
        four_eyes: Type.Optional(Type.Boolean({ description: 'true or false.' })),
      },
      { ...strict, description: 'It has categories and tools. four_eyes is optional.' },
    ),
    proofs: Type.Array(Type.Enum([...proofNames], { description: `One of: ${proofNames.join(', ')}.` }), {
      uniqueItems: true,
      description: 'A list in which nothing stands twice.',
    }),
    retention_days: Type.Integer({ minimum: 1, maximum: 36_500, description: 'A whole number of days, 1 to 36500.' }),
    denial_is_final: Type.Boolean({ description: 'true or false.' }),
    answer_links: Type.Optional(Type.Enum(['allow', 'deny'], { description: 'One of: allow, deny.' })),
  },
  {
    ...strict,
    description:
      'A policy document has name, title, ceiling, defaults, forbidden, content, labels_of_findings, closed_sinks, approvals, proofs, retention_days and denial_is_final, and may have answer_links.',
  },
)
