import { styleText } from 'node:util'

/** What a piece of output is; how that looks is decided in one place. */
export type Tone = 'plain' | 'heading' | 'quiet' | 'good' | 'bad' | 'warning' | 'tool'

export type Paint = (tone: Tone, text: string) => string

const looks = {
  heading: 'bold',
  quiet: 'dim',
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  tool: 'cyan',
} as const satisfies Record<Exclude<Tone, 'plain'>, Parameters<typeof styleText>[0]>

/** Colours, or none at all. Whether there are any was decided by the terminal. */
export function createPaint(coloured: boolean): Paint {
  return (tone, text) => {
    if (!coloured || tone === 'plain' || text === '') return text
    return styleText(looks[tone], text, { validateStream: false })
  }
}
