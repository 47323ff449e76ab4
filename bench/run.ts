// The benchmark: see README.md beside it. Progress goes to stderr, the result (Markdown) to stdout.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bullmq } from './contenders/bullmq.ts'
import type { Contender, RunningServer } from './contenders/contender.ts'
import { control } from './contenders/control.ts'
import { mandate } from './contenders/mandate.ts'
import { pinLoadGenerator } from './cores.ts'
import { guardCost } from './guard/guard-cost.ts'
import { describeMachine } from './machine.ts'
import { claimCost } from './measures/claim-cost.ts'
import { coldStart } from './measures/cold-start.ts'
import { dialectAck } from './measures/dialect-ack.ts'
import type { Measure } from './measures/measure.ts'
import { memory } from './measures/memory.ts'
import { restart } from './measures/restart.ts'
import { stepCost } from './measures/step-cost.ts'
import { streams } from './measures/streams.ts'
import { submitAck } from './measures/submit-ack.ts'
import { submitToDone } from './measures/submit-to-done.ts'
import { syncDelay } from './measures/sync-delay.ts'
import { throughput } from './measures/throughput.ts'
import { type Options, readOptions, usage } from './options.ts'
import { Results, tableOf, targetsTable } from './report.ts'
import { judgeTargets } from './targets.ts'
import { warmUp } from './warm-up.ts'

const contenders: readonly Contender[] = [control, bullmq, mandate]
const measures: readonly Measure[] = [
  submitAck,
  dialectAck,
  submitToDone,
  throughput,
  streams,
  memory,
  coldStart,
  restart,
  claimCost,
  stepCost,
  syncDelay,
  guardCost,
]
const runMinutesMax = 40

const say = (line: string) => process.stderr.write(`${line}\n`)

class Bench {
  readonly #options: Options
  readonly #folder: string
  readonly #servers = new Map<string, RunningServer>()
  readonly #failed = new Set<string>()
  readonly results = new Results()
  #folders = 0

  constructor(options: Options, folder: string) {
    this.#options = options
    this.#folder = folder
  }

  get failed(): readonly string[] {
    return [...this.#failed]
  }

  /** Rounds of one measure; every round asks each contender, beginning with another one each time. */
  async measure(measure: Measure): Promise<void> {
    const entered = contenders.filter(({ name, absent }) => measure.contenders.includes(name) && absent === undefined)
    const rounds = Math.min(this.#options.rounds, measure.roundsMax ?? Number.POSITIVE_INFINITY)
    for (let round = 0; round < rounds; round += 1) {
      for (let i = 0; i < entered.length; i += 1) {
        const contender = entered[(i + round) % entered.length]
        if (contender !== undefined) await this.#runRound(measure, contender, `${round + 1}/${rounds}`)
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()))
  }

  async #runRound(measure: Measure, contender: Contender, round: string): Promise<void> {
    const { quick } = this.#options
    const folder = this.#newFolder()
    const from = performance.now()
    try {
      const readings = await measure.run({ contender, quick, folder, server: () => this.#serverOf(contender) })
      for (const [key, value] of Object.entries(readings)) this.results.add(key, contender.name, value)
      const shown = Object.entries(readings).map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`)
      say(
        `${measure.name} ${round} ${contender.name} (${((performance.now() - from) / 1000).toFixed(1)} s): ${shown.join(', ')}`,
      )
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#failed.add(`${measure.name} of ${contender.name}: ${reason.slice(0, 400)}`)
      say(`${measure.name} ${round} ${contender.name} FAILED: ${reason}`)
      await this.#dismiss(contender)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** After a failure the next measure gets a new server. */
  async #dismiss({ name }: Contender): Promise<void> {
    const server = this.#servers.get(name)
    this.#servers.delete(name)
    await server?.stop()
  }

  async #serverOf(contender: Contender): Promise<RunningServer> {
    const running = this.#servers.get(contender.name)
    if (running !== undefined) return running
    const { profile } = this.#options
    const nodeArgs = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', join(profile, contender.name)]
    const server = await contender.start(this.#newFolder(), { nodeArgs })
    this.#servers.set(contender.name, server)
    await warmUp(server, this.#options.quick ? 100 : 3000)
    return server
  }

  #newFolder(): string {
    this.#folders += 1
    const folder = join(this.#folder, String(this.#folders))
    mkdirSync(folder)
    return folder
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.list) return console.log(measures.map(({ name }) => name).join('\n'))
  const unknown = options.only.filter((name) => !measures.some((measure) => measure.name === name))
  if (unknown.length > 0) throw new Error(`No such measure: ${unknown.join(', ')}.`)
  const chosen = measures.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  pinLoadGenerator()
  const folder = mkdtempSync(join(options.folder, 'mandate-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
  setTimeout(() => {
    say(`stopped: it took more than ${runMinutesMax} minutes`)
    process.exit(1)
  }, runMinutesMax * 60_000).unref()

  const machine = describeMachine(folder, options.quick ? 100 : 1000)
  for (const { name, absent } of contenders) if (absent !== undefined) say(`${name} is left out: ${absent}`)
  const bench = new Bench(options, folder)
  for (const measure of chosen) await bench.measure(measure)
  await bench.close()
  const after = describeMachine(folder, options.quick ? 100 : 1000)
  const verdicts = judgeTargets(bench.results.medianOf, machine.fsyncMs)
  const lines = [
    `\`npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}, ${options.rounds} rounds${options.quick ? ' (quick: counts too small to mean anything)' : ''}`,
    '',
    ...machine.lines.map((line) => `- ${line}`),
    `- after the run: ${after.lines[2]}`,
    '',
    tableOf(chosen, bench.results.medianOf),
    '',
    targetsTable(verdicts, chosen),
  ]
  console.log(lines.join('\n'))
  for (const failure of bench.failed) console.log(`\nNot measured: ${failure}`)
  process.exitCode = bench.failed.length > 0 ? 1 : 0
}

main().catch((error: unknown) => {
  say(error instanceof Error ? `${error.message}\n${usage}` : String(error))
  process.exit(1)
})
