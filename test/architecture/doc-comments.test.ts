import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The files whose exports are read by people who did not write them: each export has a doc comment. */
const documented = [
  'src/{auth,blob,clock,data-folder,dispatch,domain,guard,live,model,proof,signer,tool,wakeup,worker-pool}/*.ts',
  'src/journal/**/*.ts',
  'src/runner/**/*.ts',
  'src/engine/**/*.ts',
  'src/store/**/*.ts',
  'src/api/{audit-pdf,connection,dialects,edge,native,openapi,stream}/**/*.ts',
]

const isSource = (file: string) => !/\.(test|conformance)\.ts$|\/conformance\//u.test(file)
const exported =
  /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) ?(\w+)/u

/** The type of a schema stands under the schema's own comment. */
const schemaType = /^export type \w+ = Static<typeof \w+>$/u

/** The names of the exports of a source that have no doc comment right before them. */
function findUndocumented(source: string): string[] {
  const lines = source.split('\n')
  return lines.flatMap((line, at) => {
    const name = exported.exec(line)?.[1]
    if (name === undefined || schemaType.test(line) || endsDocComment(lines, at - 1)) return []
    return [name]
  })
}

function endsDocComment(lines: readonly string[], last: number): boolean {
  if (!lines[last]?.trimEnd().endsWith('*/')) return false
  let first = last
  while (first > 0 && !lines[first]?.includes('/*')) first -= 1
  return lines[first]?.trimStart().startsWith('/**') ?? false
}

test('each export of the domain, seams, journal, runner, engine, store, edge and dialects has a doc comment', () => {
  const missing = globSync(documented)
    .filter(isSource)
    .sort()
    .flatMap((file) => findUndocumented(readFileSync(file, 'utf8')).map((name) => `${file}: ${name}`))
  expect(missing).toEqual([])
})

test.each([
  ['export const a = 1', ['a']],
  ['/** Said. */\nexport const a = 1', []],
  ['/**\n * Said.\n */\nexport async function* a() {}', []],
  ['/* No doc comment. */\nexport class A {}', ['A']],
  ['// No doc comment.\nexport interface A {}', ['A']],
  ['/** Said. */\nexport const ASchema = {}\nexport type A = Static<typeof ASchema>', []],
  ['/** Of another. */\nconst b = 1\nexport type A = B', ['A']],
  ['/** Said. */\nexport abstract class A {}\nexport type B = A', ['B']],
])('%j lacks a doc comment before %j', (source, names) => {
  expect(findUndocumented(source)).toEqual(names)
})
