import { describeDocument } from '../../support/describe-document.ts'

describeDocument('xagent', 30, ['file uploads', 'swarm', 'plan mode', 'workflows'])
