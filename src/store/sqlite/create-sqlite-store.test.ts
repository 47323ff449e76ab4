import { describeStore } from '../store.conformance.ts'
import { createTemporaryStore } from './create-temporary-store.ts'

describeStore('The SQLite store', createTemporaryStore)
