import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readInputFiles, workspacePath } from './read-input-files.ts'

describe('an input file', () => {
  test('keeps its folders below the current one, and otherwise only its name', () => {
    expect(['a.txt', './a.txt', 'b/../a.txt', 'deep/a.txt', './x/./y'].map(workspacePath)).toEqual([
      'a.txt',
      'a.txt',
      'a.txt',
      'deep/a.txt',
      'x/y',
    ])
    expect(['../a.txt', 'b/../../a.txt', '/tmp/deep/a.txt'].map(workspacePath)).toEqual(['a.txt', 'a.txt', 'a.txt'])
  })

  test('goes as text where it is text, and as bytes where it is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mandate-cli-'))
    await writeFile(join(folder, 'text'), '\ufeffgrüß\r\n')
    await writeFile(join(folder, 'bytes'), Buffer.from([0xc3, 0x28]))
    await writeFile(join(folder, 'empty'), '')
    const files = await readInputFiles(['text', 'bytes', 'empty'].map((name) => join(folder, name)))
    await rm(folder, { recursive: true })
    expect(files).toEqual([
      { path: 'text', content: '\ufeffgrüß\r\n' },
      { path: 'bytes', content_base64: 'wyg=' },
      { path: 'empty', content: '' },
    ])
  })

  test('must not meet another at the same path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mandate-cli-'))
    const file = join(folder, 'a')
    await writeFile(file, 'x')
    await expect(readInputFiles([file, `${folder}/./a`])).rejects.toThrow('would both be a in the workspace')
    await rm(folder, { recursive: true })
  })
})
