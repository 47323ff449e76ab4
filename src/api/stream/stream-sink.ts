/** Where a stream is written to: one connection, which may be slow. */
export interface StreamSink {
  /** Never waits; frames of one turn of the event loop go out together. */
  write(frame: string): void
  /** What was written and has not left yet. */
  readonly waitingBytes: number
  /** Resolves when nothing waits any more, or the connection is gone. */
  drained(): Promise<void>
  /** Shows both ends that the connection lives; gives up on one that takes nothing for long. */
  beat(): void
  /** Nothing more follows. `at_once`: what a slow connection has not taken by now is given up. */
  end(how: 'when_sent' | 'at_once'): void
}

/** The same connection, which ends in another way. */
export function endingWith(sink: StreamSink, end: StreamSink['end']): StreamSink {
  return {
    write: (frame) => sink.write(frame),
    get waitingBytes() {
      return sink.waitingBytes
    },
    drained: () => sink.drained(),
    beat: () => sink.beat(),
    end,
  }
}
