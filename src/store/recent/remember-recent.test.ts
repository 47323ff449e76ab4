import { createTemporaryStore } from '../../../test/support/create-temporary-store.ts'
import { describeStore } from '../conformance/store.conformance.ts'

// What was just committed is answered from memory here: it must be what the rows would say.
describeStore('A store that remembers', (options) => createTemporaryStore({ ...options, remembers: true }))
