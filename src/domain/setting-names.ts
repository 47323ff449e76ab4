/** Settings that the rooms of an installation leave each other in its database, by what they are called there. */
export const settingNames = {
  /** `1`: this database was restored, and begins a log of its own: the installation that it comes from may go on with the old one. */
  newLogWanted: 'new_log_wanted',
} as const
