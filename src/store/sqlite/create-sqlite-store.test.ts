import { describeStore } from '../store.conformance.ts'
import { createTemporaryStore } from './create-temporary-store.ts'

describeStore('The SQLite store', createTemporaryStore)
// The same promises with each read done from the rows: else what was just committed would be answered from memory.
describeStore('The SQLite store without its memory', (options) =>
  createTemporaryStore({ ...options, remembers: false }),
)
