import { describeDocument } from '../../support/describe-document.ts'

describeDocument('agentrix', 50, ['running on machines', 'repositories and worktrees'])
