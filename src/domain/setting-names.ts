/** The names of settings that parts of the server pass to each other through the database. */
export const settingNames = {
  /**
   * `1` where this database was restored and starts a log of its own, since the original installation may continue the
   * old one.
   */
  newLogWanted: 'new_log_wanted',
  /** The id of the installation, made at the first start. A file beside the keys holds it too. */
  installation: 'installation_id',
  /** The agent of tasks that name none. It is made at the first start. */
  defaultAgent: 'default_agent',
} as const
