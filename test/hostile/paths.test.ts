import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callsOnce } from './hostile-model.ts'
import { type HostileWorld, openHostileWorld } from './open-hostile-world.ts'

let world: HostileWorld
/** All that the world writes is below it, and the treasure beside that. */
let outside: string
let before: string | undefined
const treasure = 'the treasure that lies outside'

beforeAll(async () => {
  before = process.env['TMPDIR']
  outside = mkdtempSync(join(tmpdir(), 'mandate-hostile-'))
  process.env['TMPDIR'] = outside
  writeFileSync(join(outside, 'treasure.txt'), treasure)
  world = await openHostileWorld()
})
afterAll(async () => {
  await world.close()
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(outside, { recursive: true, force: true })
})

/** Files of this name that are not in the folder of the task: blobs go by digest. */
function strays(name: string, task: string): string[] {
  const below = readdirSync(outside, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(name))
  const beside = ['/', '/tmp', '/etc', process.cwd(), join(process.cwd(), '..')].map((folder) => join(folder, name))
  return [...below.filter((path) => !path.includes(`/workspaces/${task}/`)), ...beside.filter(existsSync)]
}

const name = (mark: number) => `escaped-${process.pid}-${mark}.txt`
/** FILE stands for the name of a file, OUTSIDE for the folder in which all of this lies. */
const climbs = [
  ...[1, 2, 3, 4, 9].map((levels) => `${'../'.repeat(levels)}FILE`),
  `a/../../../../FILE`,
  `a/b/../../../../../FILE`,
  `./../../../FILE`,
  `.././.././../FILE`,
  `..//..//..//FILE`,
  `../../../FILE/`,
  `../../../FILE/.`,
  `..`,
  `.`,
  `a/..`,
  `a/../..`,
  `/FILE`,
  `//FILE`,
  `/tmp/FILE`,
  `OUTSIDE/FILE`,
  `/OUTSIDE/FILE`,
  `/proc/self/cwd/FILE`,
  `/proc/self/rootOUTSIDE/FILE`,
  `/dev/stdin`,
  `..\\..\\..\\FILE`,
  `..\\/..\\/..\\/FILE`,
  `a\\..\\..\\..\\FILE`,
  `\\FILE`,
  `\\\\localhost\\c$\\FILE`,
  `C:\\FILE`,
  `C:/FILE`,
  `c:FILE`,
  `file://OUTSIDE/FILE`,
  `file:FILE`,
  `a.txt:FILE`,
  `../../../FILE\0`,
  `FILE\0.png`,
  `a\0/../../../FILE`,
  `../../../FILE\n`,
  `\t../../../FILE`,
  `.. /.. /.. /FILE`,
  `.../.../FILE`,
  `../../..\u007f/FILE`,
  `.\u200b./.\u200b./FILE`,
  `.\u202e./FILE`,
  `.mandate-1/FILE`,
  `a/.mandate-tmp/../FILE`,
  `\ud800../../FILE`,
  `${'a/'.repeat(300)}FILE`,
  `${'x'.repeat(256)}/FILE`,
]

/** They are plain names to the file system, and must stay that. */
const literal = [
  `%2e%2e/%2e%2e/%2e%2e/FILE`,
  `..%2f..%2f..%2fFILE`,
  `%2e%2e%2f%2e%2e%2fFILE`,
  `..%5c..%5cFILE`,
  `..%c0%af..%c0%afFILE`,
  `..%252f..%252fFILE`,
  `\uff0e\uff0e/\uff0e\uff0e/FILE`,
  `\u2024\u2024/\u2024\u2024/FILE`,
  `..\uff0f..\uff0f..\uff0fFILE`,
  `..\u2215..\u2215FILE`,
  `..\uff3c..\uff3cFILE`,
  `.\u200b.x/FILE`,
  `~/FILE`,
  `~root/FILE`,
  `$HOME/FILE`,
  `\${TMPDIR}/FILE`,
  `\`pwd\`/FILE`,
  `-rf/FILE`,
  `*/FILE`,
  `..a/..b/FILE`,
]

const pathOf = (row: string, file: string) => row.replace('FILE', file).replace('OUTSIDE', outside)
let files = 0
const newName = () => {
  files += 1
  return name(files)
}

describe('a path that leads out of the workspace', () => {
  test.each(climbs)('%j is read by nobody', async (row) => {
    const path = pathOf(row, 'treasure.txt')
    const attack = await world.attack(callsOnce({ tool: 'read_file', args: { path } }))
    expect(attack.told).not.toContain(treasure)
    const [tried] = attack.attempts
    expect(['failed', 'denied']).toContain(tried?.settled.facts.outcome)
    const words = /^Error \((?:path_refused|file_not_found)\)|do not fit the tool|policy:evaluation_error/u
    expect(tried?.result).toMatch(words)
  })

  test.each(climbs)('%j is written by nobody', async (row) => {
    const file = newName()
    const path = pathOf(row, file)
    const attack = await world.attack(callsOnce({ tool: 'write_file', args: { path, content: 'out' } }))
    expect(strays(file, attack.id)).toEqual([])
    expect(['failed', 'denied']).toContain(attack.attempts[0]?.settled.facts.outcome)
    expect(attack.attempts[0]?.settled.facts.manifest).toBeUndefined()
  })

  test.each(literal)('%j only looks like it, and stays a name in the workspace', async (row) => {
    const file = newName()
    const attack = await world.attack(
      callsOnce(
        { tool: 'read_file', args: { path: pathOf(row, 'treasure.txt') } },
        { tool: 'write_file', args: { path: pathOf(row, file), content: 'in' } },
      ),
    )
    expect(attack.told).not.toContain(treasure)
    expect(strays(file, attack.id)).toEqual([])
    expect(attack.attempts.map(({ settled }) => settled.facts.outcome)).toEqual(['failed', 'settled'])
  })

  test('a link that something else has put into the workspace is not followed', async () => {
    const file = newName()
    let task = ''
    const attack = await world.attack(async (request) => {
      if (request === 1) return { calls: [{ tool: 'write_file', args: { path: 'a/b.txt', content: 'x' } }] }
      if (request > 2) return { text: 'done' }
      const [folder = ''] = readdirSync(outside, { recursive: true, encoding: 'utf8' }).filter(
        (path) => path.endsWith('/a') && path.includes('/workspaces/'),
      )
      task = folder
      symlinkSync(outside, join(outside, folder, 'out'))
      symlinkSync(join(outside, 'treasure.txt'), join(outside, folder, 'it.txt'))
      symlinkSync(join(outside, file), join(outside, folder, 'new.txt'))
      const reads = ['a/out/treasure.txt', 'a/it.txt', 'a/out/../../treasure.txt'].map((path) => ({
        tool: 'read_file',
        args: { path },
      }))
      const writes = [`a/out/${file}`, 'a/new.txt', `a/it.txt/${file}`].map((path) => ({
        tool: 'write_file',
        args: { path, content: 'overwritten' },
      }))
      return { calls: [...reads, ...writes, { tool: 'list_files', args: {} }] }
    })
    expect(task).not.toBe('')
    expect(attack.told).not.toContain(treasure)
    expect(existsSync(join(outside, file))).toBe(false)
    expect(statSync(join(outside, 'treasure.txt')).size).toBe(treasure.length)
    const outcomes = attack.attempts.slice(1, 4).map(({ settled }) => settled.facts.outcome)
    expect(outcomes).toEqual(['failed', 'failed', 'failed'])
  })
})

describe('a path that the rules of an operator forbid', () => {
  const cedar = `
    @id("work") permit (principal, action, resource);
    @id("no_secret_folder") @reason("The folder secret is closed.")
    forbid (principal, action in [Action::"read", Action::"write"], resource)
    when { context has path && context.path like "secret/*" };`
  const files = [
    { path: 'secret/plan.txt', content: 'the plan of the board' },
    { path: 'secret/.hidden', content: 'the plan of the board' },
    { path: 'open.txt', content: 'for all' },
  ]
  const spellings = [
    'secret/plan.txt',
    'secret/.hidden',
    './secret/plan.txt',
    'secret/./plan.txt',
    'secret//plan.txt',
    '/secret/plan.txt',
    '//secret/plan.txt',
    'a/../secret/plan.txt',
    'secret/a/../plan.txt',
    'secret\\plan.txt',
    '.\\secret\\plan.txt',
    'secret/plan.txt/',
    'secret/plan.txt.',
    'secret /plan.txt',
    ' secret/plan.txt',
    'SECRET/plan.txt',
    'Secret/Plan.txt',
    'secret/plan.txt\0',
    '\0secret/plan.txt',
    's\u200becret/plan.txt',
    '\ufeffsecret/plan.txt',
    'ѕecret/plan.txt',
    'ｓecret/plan.txt',
    'secret\u2215plan.txt',
    'secret%2fplan.txt',
    '%73ecret/plan.txt',
    'secre\u0074\u0301/plan.txt',
    'secret:plan.txt',
    'se*/plan.txt',
    'secret/../secret/plan.txt',
    '\ud800secret/plan.txt',
  ]
  let agent: string
  beforeAll(async () => {
    agent = (await world.addAgent({}, { document: {}, cedar })).id
  })

  test.each(spellings)('%j does not reach it', async (path) => {
    const calls = [
      { tool: 'read_file', args: { path } },
      { tool: 'write_file', args: { path, content: 'changed' } },
    ]
    const attack = await world.attack(callsOnce(...calls), { agent_id: agent, files })
    expect(attack.told).not.toContain('the plan of the board')
    const [read, write] = attack.attempts
    expect(read?.settled.facts.outcome).not.toBe('settled')
    if (path === 'secret/plan.txt' || path === 'secret/.hidden') {
      for (const tried of [read, write]) {
        expect(tried?.decided?.facts).toMatchObject({ answer: 'deny', rules: ['policy:no_secret_folder'] })
        expect(tried?.result).toContain('The folder secret is closed.')
      }
      expect(attack.state).toBe('blocked')
    }
    // What is not forbidden is another file: the real one is as it was.
    const look = await world.call('GET', `/v1/tasks/${attack.id}/files/${encodeURIComponent('secret/plan.txt')}`)
    if (look.statusCode === 200) expect(look.body).toBe('the plan of the board')
  })

  test('what the rules leave open is open', async () => {
    const attack = await world.attack(callsOnce({ tool: 'read_file', args: { path: 'open.txt' } }), {
      agent_id: agent,
      files,
    })
    expect(attack.attempts[0]?.result).toBe('for all')
    expect(attack.state).toBe('succeeded')
  })
})
