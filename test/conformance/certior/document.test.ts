import { describeDocument } from '../../support/describe-document.ts'

describeDocument('certior', 30, ['workflows'])
