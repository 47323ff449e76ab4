import type { TaskView } from '../../../api/native/contract/task.ts'
import { ClientError } from '../../../client/client-error.ts'
import { isTerminal } from '../../../domain/run-state.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { exitCodeOf, exitCodes } from '../../exit-codes.ts'
import { createLiveView } from '../../live/live-view.ts'
import { summariseTask } from '../../live/summarise-task.ts'
import type { CommandContext } from '../../program.ts'
import { createAnswerHint } from '../../prompt/answer-hint.ts'
import { createTerminalAsker, type TerminalAsker } from '../../prompt/ask-in-terminal.ts'
import { writeLines } from '../../terminal.ts'

/** The part of the journal to show, and its form. */
export interface WatchOptions {
  /** Only events with a higher seq. */
  readonly after: number
  /** The journal as JSON lines and nothing else. */
  readonly json: boolean
  /** How the person gets the files that were written; undefined when they are brought anyway. */
  readonly filesHint: string | undefined
}

/** The environment of watching. With `readLine` and a terminal the person is asked what the run waits for. */
type WatchEnvironment = Pick<CliEnvironment, 'onInterrupt' | 'every' | 'readLine'>

/** Whether a person sits at the terminal, reads it and can type. */
export function isPersonPresent({ terminal, readLine }: Pick<CliEnvironment, 'terminal' | 'readLine'>): boolean {
  return terminal.isTty && readLine !== undefined
}

/**
 * Shows a task until its latest run has ended and answers with the exit code. What the run waits for is asked at the terminal;
 * where nobody can type, one line says how to answer. The first Ctrl-C asks the server to cancel
 * and waits for the end that this brings; the second stops waiting. Either way the answer is then 130.
 */
export async function watchTask(
  context: CommandContext,
  environment: WatchEnvironment,
  task: TaskView,
  options: WatchOptions,
): Promise<number> {
  const leave = new AbortController()
  const fail = (error: unknown) => leave.abort(error)
  const view = options.json ? jsonView(context) : liveView(context, { ...environment, fail }, options)
  let interrupted = false
  const unlisten = environment.onInterrupt(() => {
    if (interrupted) return leave.abort(new Interrupted())
    interrupted = true
    view.stopAsking()
    view.note('Cancelling; press Ctrl-C again to leave without waiting.')
    context.client.cancelTask(task.id).catch((error: unknown) => {
      // The run may have ended by itself a moment before: then there is nothing to cancel.
      if (error instanceof ClientError && error.status === 409) return
      view.note(`It could not be cancelled: ${error instanceof Error ? error.message : String(error)}`)
      leave.abort(new Interrupted())
    })
  })
  try {
    await view.follow(task, options.after, leave.signal)
    const ended = await view.end(task)
    return interrupted ? exitCodes.interrupted : exitCodeOf(ended.state)
  } catch (error) {
    if (error instanceof Interrupted) return exitCodes.interrupted
    throw error
  } finally {
    unlisten()
    view.close()
  }
}

/** The command that fetches the files of the task, as a clause for the summary. */
export function fetchHint(program: string, { number }: TaskView): string {
  return `"${program} task fetch ${number}" brings them here`
}

class Interrupted extends Error {}

interface View {
  follow(task: TaskView, after: number, signal: AbortSignal): Promise<void>
  end(task: TaskView): Promise<TaskView>
  note(text: string): void
  /** The task is being cancelled, so that no answer is wanted any more. */
  stopAsking(): void
  close(): void
}

function jsonView({ client, terminal, program }: CommandContext): View {
  return {
    async follow(task, after, signal) {
      const hint = createAnswerHint(program, task)
      for await (const event of client.followJournal(task.id, { after, signal })) {
        terminal.out(`${JSON.stringify(event)}\n`)
        const line = hint.take(event)
        if (line !== undefined) terminal.err(`${line}\n`)
      }
    },
    end: (task) => client.readTask(task.id),
    note: (text) => terminal.err(`${text}\n`),
    stopAsking: () => undefined,
    close: () => undefined,
  }
}

function liveView(
  context: CommandContext,
  { every, readLine, fail }: WatchEnvironment & { readonly fail: (error: unknown) => void },
  { filesHint }: WatchOptions,
): View {
  const { client, terminal, paint, program } = context
  const view = createLiveView(context)
  let asker: TerminalAsker | undefined
  const stop = terminal.isTty ? every(1_000, view.tick) : () => undefined
  return {
    async follow(task, after, signal) {
      let cut = false
      const hint = createAnswerHint(program, task)
      if (terminal.isTty && readLine !== undefined)
        asker = createTerminalAsker({
          client,
          terminal,
          paint,
          readLine,
          hint,
          fail,
          pause: view.pause,
          resume: view.resume,
        })
      const events = client.followJournal(task.id, {
        after,
        signal,
        onDelta: terminal.isTty ? view.delta : undefined,
        onInterrupted: (error) => {
          if (!cut) view.note('warning', `${error.detail} Trying again; the task goes on without us.`)
          cut = true
        },
      })
      for await (const event of events) {
        cut = false
        const line = hint.take(event)
        asker?.take(event)
        view.event(event)
        if (asker !== undefined) asker.afterShown(event)
        else if (line !== undefined) view.note('warning', line)
      }
    },
    async end(task) {
      view.close()
      const [ended, { files }] = await Promise.all([client.readTask(task.id), client.listFiles(task.id)])
      if (isTerminal(ended.state)) {
        writeLines(terminal, summariseTask({ task: ended, files, shownText: view.lastText, filesHint, paint }))
      }
      return ended
    },
    note: (text) => view.note('warning', text),
    stopAsking: () => asker?.close(),
    close() {
      asker?.close()
      stop()
      view.close()
    },
  }
}
