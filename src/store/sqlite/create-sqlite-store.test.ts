import { createTemporaryStore } from '../../../test/support/create-temporary-store.ts'
import { describeStore } from '../conformance/store.conformance.ts'

describeStore('The SQLite store', (options) => createTemporaryStore({ ...options, remembers: false }))
