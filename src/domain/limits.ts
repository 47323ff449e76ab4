/**
 * Every limit of the server, by the name under which a refusal reports it and docs/operating.md explains it. Each can
 * be set by the environment variable `MANDATE_` followed by the name in capitals.
 */
export const limitDefaults = {
  /** Runs that this process executes at once. */
  runs_running_max: 64,
  /** Commits that may wait for the disk before new work is refused. */
  commits_waiting_max: 10_000,
  /** Bytes of one request body, files in it included. */
  body_bytes_max: 16 * 1024 * 1024,
  /** Bytes of a body that comes with a key whose role changes nothing. Policies that are tried out fit. */
  read_only_body_bytes_max: 2 * 1024 * 1024,
  /** Bytes of the body of a refused request that are read and discarded, so that its client can read the response. */
  refused_body_bytes_max: 64 * 1024 * 1024,
  refused_body_timeout_ms: 30_000,
  /** Connections in all, where the descriptors of the process allow as many, and from one address. */
  connections_max: 12_000,
  connections_per_address_max: 2_000,
  /** The time that the head of a request may take, and the time that the whole request may take. */
  header_timeout_ms: 20_000,
  request_timeout_ms: 120_000,
  /** The time that a connection may be idle between two requests, and while a response is being sent. */
  keep_alive_timeout_ms: 72_000,
  connection_stalled_timeout_ms: 60_000,
  message_chars_max: 1_000_000,
  instructions_chars_max: 100_000,
  metadata_bytes_max: 64 * 1024,
  /** Levels in which arrays and objects may be nested: in a field of a body, in the arguments of a call. */
  json_depth_max: 64,
  /** Values in one JSON body, lists and objects included. Each takes many times as long to parse and check as its bytes. */
  json_values_max: 30_000,
  name_chars_max: 200,
  page_size_max: 200,
  /** Seconds that one request may wait for a task to end. */
  wait_seconds_max: 300,
  steps_max: 200,
  steps_default: 45,
  run_timeout_seconds_max: 86_400,
  run_timeout_seconds_default: 3_600,
  step_timeout_seconds: 600,
  queue_timeout_seconds: 86_400,
  first_byte_timeout_seconds: 120,
  idle_timeout_seconds: 120,
  attempts_lost_max: 3,
  /** Seconds for which a run that is stopped may reach a boundary; then its model call or action is interrupted. */
  stop_grace_seconds: 5,
  tool_calls_per_step_max: 64,
  /** Tool calls that a provider may send in one response. The model call is ended at the next one. */
  tool_calls_per_response_max: 1_000,
  /** Tokens that a model may answer with in one step; what is left of the budget may bound it further. */
  output_tokens_per_step_max: 32_000,
  /** Bytes that a provider may send for each token that a model may answer with: text, frames, comments, everything. */
  answer_bytes_per_token_max: 1024,
  /** The budget of a task that asks for none, in US cents, tokens and steps, and the most that it may ask for. */
  budget_cents_default: 10_000,
  budget_cents_max: 1_000_000,
  budget_tokens_default: 100_000_000,
  budget_tokens_max: 10_000_000_000,
  budget_steps_default: 10_000,
  budget_steps_max: 1_000_000,
  file_bytes_max: 10 * 1024 * 1024,
  files_max: 1_000,
  workspace_bytes_max: 100 * 1024 * 1024,
  path_chars_max: 512,
  /**
   * Characters of an agent's path rules with their alternatives expanded, and of the rules that a task has accumulated.
   */
  path_label_chars_max: 8_000,
  path_label_chars_per_task_max: 16_000,
  fetch_timeout_ms: 30_000,
  fetch_body_bytes_max: 5 * 1024 * 1024,
  fetch_html_bytes_max: 2 * 1024 * 1024,
  fetch_redirects_max: 5,
  fetch_conversion_timeout_ms: 15_000,
  /** Pages that are converted to text at once, and the time that a further one waits for its turn. */
  fetch_conversions_running_max: 2,
  fetch_conversion_wait_ms: 45_000,
  /** Hours for which an Idempotency-Key is remembered. */
  idempotency_hours: 24,
  approval_hours: 72,
  streams_max: 10_000,
  /** Seconds that a WebSocket without a key may take to send one, and the number that may wait so. */
  first_message_timeout_seconds: 10,
  sockets_without_key_max: 1_000,
  /** Seconds for which an address with a ticket can be opened. */
  ticket_seconds: 300,
  /** Bytes that may wait for one slow reader before it falls back to reading the journal. */
  stream_buffer_bytes_max: 1024 * 1024,
  /** Requests to webhooks in progress, in all and to one receiving server. */
  webhook_deliveries_running_max: 64,
  webhook_deliveries_per_receiver_max: 8,
  /** Those requests to all servers that have not responded promptly yet, or did not the last time. */
  webhook_deliveries_unproven_max: 32,
  webhook_timeout_ms: 15_000,
  /** Bytes of one delivery; a larger one is sent without its texts. */
  webhook_body_bytes_max: 1024 * 1024,
  /** Policies by their names; a policy may have any number of versions. */
  policies_max: 1_000,
  /** Bytes of the contents and statements of one audit package, which is built in memory. */
  audit_bytes_max: 64 * 1024 * 1024,
  /** Recorded actions that one what-if decides again. */
  what_if_actions_max: 1_000,
  /** Threads for the guard's long texts, and as many for requests whose length their callers decide. */
  worker_threads_max: 2,
  /** Such requests that may wait for a thread, and that one user may have waiting or under way. */
  worker_jobs_waiting_max: 64,
  worker_jobs_per_user_max: 4,
  /** How long one job may take, and the export of a task; how much memory a thread may have. */
  worker_timeout_ms: 10_000,
  export_timeout_ms: 120_000,
  worker_memory_mb: 1024,
  /** Subscriptions of one user. */
  webhooks_max: 100,
  /** Days for which settled deliveries can be looked at and replayed. */
  webhook_deliveries_kept_days: 30,
  /** Hours for which a rotated secret still signs beside the new one. */
  webhook_secret_overlap_hours: 24,
  /** Hours for which a link that answers a prompt can be used, where the prompt is not over before. */
  answer_link_hours: 72,
  /** Members of one chat. */
  chat_members_max: 100,
  /** Seconds for which a stopping server lets its runs reach a boundary. */
  shutdown_grace_seconds: 10,
} as const

/** The values above which a limit would break what it protects, whatever the operator wants. */
export const limitCeilings: Readonly<Partial<Record<LimitName, number>>> = {
  // SQLite's JSON functions end at 1,000 levels, and stored values have some further levels around them.
  json_depth_max: 900,
}

/** The name of a limit. */
export type LimitName = keyof typeof limitDefaults
/** The value of every limit. */
export type Limits = { readonly [K in LimitName]: number }
