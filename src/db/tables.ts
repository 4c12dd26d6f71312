// Generated from the migrated schema by `npm run db:types`. Do not edit.
import type { ColumnType, GeneratedAlways } from 'kysely';

export type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>;
export type Timestamp = ColumnType<Date, Date | string, Date | string>;
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined };
export type Json = ColumnType<JsonValue, string, string>;

export interface AccessTokensTable {
  id: Generated<string>;
  user_id: string;
  name: string;
  token_hash: Buffer;
  last_four: string;
  scopes: Generated<string[]>;
  session_id: string | null;
  expires_at: Timestamp | null;
  revoked_at: Timestamp | null;
  last_used_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface ActivityFeedTable {
  id: Generated<string>;
  session_id: string | null;
  user_id: string | null;
  type: string;
  resource_type: string | null;
  resource_id: string | null;
  data: Json | null;
  ip_address: string | null;
  created_at: Generated<Timestamp>;
}

export interface AgentExecutionsTable {
  id: Generated<string>;
  session_id: string | null;
  user_id: string | null;
  agent_type: 'code_analysis' | 'suggestion' | 'chat' | 'review' | 'refactor' | 'test';
  input: Json;
  output: Json | null;
  model_name: string | null;
  model_version: string | null;
  tokens_used: number | null;
  sandbox_id: string | null;
  wall_ms: number | null;
  status: Generated<'pending' | 'running' | 'completed' | 'failed' | 'cancelled'>;
  error_message: string | null;
  created_at: Generated<Timestamp>;
  completed_at: Timestamp | null;
}

export interface AiSuggestionsTable {
  id: Generated<string>;
  session_id: string;
  file_id: string | null;
  user_id: string | null;
  agent_execution_id: string | null;
  suggestion_type: 'code_completion' | 'bug_fix' | 'optimization' | 'refactor';
  anchor: Json | null;
  original_code: string | null;
  suggested_code: string;
  explanation: string | null;
  confidence: number | null;
  status: Generated<'open' | 'accepted' | 'rejected' | 'implemented'>;
  decided_by: string | null;
  decided_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface AuditAnchorsTable {
  position: bigint;
  hash: Buffer;
  removed_links: bigint;
  created_at: Generated<Timestamp>;
}

export interface AuditChainTable {
  position: bigint;
  row_created_at: Timestamp;
  row_id: string;
  row_hash: Buffer;
  hash: Buffer;
  sealed_at: Generated<Timestamp>;
}

export interface AuditLogsTable {
  id: Generated<string>;
  user_id: string | null;
  session_id: string | null;
  action: string;
  resource_type: string | null;
  resource_id: string | null;
  old_values: Json | null;
  new_values: Json | null;
  details: Json | null;
  result: Generated<'success' | 'failure' | 'error'>;
  ip_address: string | null;
  user_agent: string | null;
  request_id: string | null;
  created_at: Generated<Timestamp>;
}

export interface ChatMessagesTable {
  id: Generated<string>;
  conversation_id: string;
  sender_type: 'user' | 'assistant' | 'system';
  sender_id: string | null;
  message_type: Generated<'text' | 'code' | 'file_share' | 'image' | 'system'>;
  content: string;
  metadata: Json | null;
  reply_to: string | null;
  emotion: string | null;
  tokens_used: number | null;
  edited_at: Timestamp | null;
  deleted_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  search: GeneratedAlways<string | null>;
}

export interface ChatbotPersonasTable {
  id: string;
  name: string;
  description: string;
  system_prompt: string;
  avatar_model: string | null;
  is_active: Generated<boolean>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface CodeExecutionsTable {
  id: Generated<string>;
  session_id: string;
  file_id: string | null;
  user_id: string | null;
  environment_id: string | null;
  repeat_of: string | null;
  kind: Generated<'file' | 'snippet' | 'selection' | 'test'>;
  language: string;
  mode: Generated<'docker' | 'local' | 'sandbox'>;
  sandbox_id: string | null;
  entry: Generated<string>;
  code: string;
  selection_line: number | null;
  sources: Generated<Json>;
  stdin: string | null;
  args: Generated<Json>;
  interactive: Generated<boolean>;
  status: Generated<'queued' | 'running' | 'completed' | 'failed' | 'timeout' | 'cancelled'>;
  output: string | null;
  output_marks: Json | null;
  output_bytes: bigint | null;
  output_truncated: Generated<boolean>;
  error_message: string | null;
  result: string | null;
  result_tables: Json | null;
  tests: Json | null;
  error: Json | null;
  queue_ms: number | null;
  wall_ms: number | null;
  input_ms: number | null;
  cpu_ms: number | null;
  memory_bytes: bigint | null;
  document_version: Buffer | null;
  created_at: Generated<Timestamp>;
  started_at: Timestamp | null;
  completed_at: Timestamp | null;
}

export interface CodingSessionsTable {
  id: Generated<string>;
  name: string;
  description: string | null;
  owner_id: string;
  room_code: string;
  visibility: Generated<'private' | 'public' | 'collaborative'>;
  max_participants: Generated<number>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  ended_at: Timestamp | null;
}

export interface ConversationArchivesTable {
  conversation_id: string;
  message_count: number;
  payload: Buffer;
  archived_at: Generated<Timestamp>;
}

export interface ConversationsTable {
  id: Generated<string>;
  kind: 'session' | 'assistant';
  session_id: string | null;
  owner_id: string | null;
  persona_id: string | null;
  title: string | null;
  status: Generated<'active' | 'closed' | 'archived'>;
  message_count: Generated<number>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface CountriesTable {
  code: string;
  name_ko: string;
  name_en: string;
  flag_emoji: string | null;
}

export interface DailyStatsTable {
  stat_date: string;
  active_users: Generated<number>;
  new_users: Generated<number>;
  conversations: Generated<number>;
  messages: Generated<number>;
  executions: Generated<number>;
  llm_requests: Generated<number>;
  tokens: Generated<bigint>;
  updated_at: Generated<Timestamp>;
}

export interface DocumentClientsTable {
  file_id: string;
  client_id: bigint;
  user_id: string | null;
  source: Generated<string>;
  run_id: string | null;
  first_seen_at: Generated<Timestamp>;
}

export interface DocumentHistoryTable {
  file_id: string;
  from_seq: bigint;
  to_seq: bigint;
  updates: Buffer;
  started_at: Timestamp;
  ended_at: Timestamp;
}

export interface DocumentQuarantineTable {
  file_id: string;
  seq: bigint;
  data: Buffer;
  actor_id: string | null;
  reason: string;
  created_at: Generated<Timestamp>;
}

export interface DocumentStatesTable {
  file_id: string;
  lineage: Generated<string>;
  lineage_client: bigint | null;
  state: Buffer;
  merged_updates: Generated<bigint>;
  updated_at: Generated<Timestamp>;
}

export interface DocumentUpdatesTable {
  file_id: string;
  seq: GeneratedAlways<bigint>;
  data: Buffer;
  actor_id: string | null;
  source: Generated<'edit' | 'restore' | 'import' | 'agent' | 'revert'>;
  run_id: string | null;
  created_at: Generated<Timestamp>;
}

export interface EditingSessionsTable {
  id: Generated<string>;
  file_id: string;
  user_id: string;
  connection_id: string;
  cursor_position: Generated<number>;
  selection_range: Json | null;
  updates: Generated<number>;
  started_at: Generated<Timestamp>;
  last_activity_at: Generated<Timestamp>;
  ended_at: Timestamp | null;
}

export interface EmailTokensTable {
  id: Generated<string>;
  user_id: string;
  purpose: 'verify' | 'reset';
  token_hash: Buffer;
  email_encrypted: Buffer;
  email_index: Buffer;
  expires_at: Timestamp;
  consumed_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface ErrorLogsTable {
  id: Generated<string>;
  error_id: string;
  fingerprint: string;
  severity: 'critical' | 'error' | 'warning';
  component: string;
  message: string;
  user_id: string | null;
  data: Json | null;
  created_at: Generated<Timestamp>;
}

export interface ExecutionEnvironmentsTable {
  id: Generated<string>;
  name: string;
  language: string;
  runtime: 'isolate' | 'docker' | 'local';
  docker_image: string | null;
  limits: Generated<Json>;
  environment_encrypted: Buffer | null;
  is_active: Generated<boolean>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface ExecutionSourcesTable {
  session_id: string;
  hash: Buffer;
  content: string;
}

export interface ExternalApiCallsTable {
  id: Generated<string>;
  data_session_id: string | null;
  user_id: string | null;
  system_id: string;
  endpoint_id: string | null;
  method: string;
  path_template: string;
  request_hash: Buffer | null;
  status_code: number | null;
  response_bytes: number | null;
  duration_ms: number | null;
  retries: Generated<number>;
  success: boolean;
  error_code: string | null;
  rate_limit: Json | null;
  created_at: Generated<Timestamp>;
}

export interface ExternalDataAccessAuditTable {
  id: Generated<string>;
  user_id: string | null;
  system_id: string;
  data_session_id: string | null;
  access_type: 'view' | 'use' | 'process';
  categories: Generated<string[]>;
  purpose: string;
  result: 'success' | 'partial' | 'failed';
  retention: Generated<'immediate_delete' | 'temp_cache'>;
  consent_version: string | null;
  compliance: Json | null;
  ip_address: string | null;
  user_agent_hash: Buffer | null;
  created_at: Generated<Timestamp>;
}

export interface ExternalDataSessionsTable {
  id: Generated<string>;
  user_id: string;
  connection_id: string;
  agent_execution_id: string | null;
  type: 'credential_request' | 'data_fetch';
  purpose: string;
  categories: string[];
  token_hash: Buffer;
  status: Generated<'active' | 'completed' | 'expired' | 'failed'>;
  expires_at: Generated<Timestamp>;
  completed_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface ExternalSystemEndpointsTable {
  id: Generated<string>;
  system_id: string;
  name: string;
  path_template: string;
  method: Generated<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>;
  request_config: Generated<Json>;
  response_config: Generated<Json>;
  data_categories: Generated<string[]>;
  timeout_ms: Generated<number>;
  retries: Generated<number>;
  is_active: Generated<boolean>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface ExternalSystemsTable {
  id: Generated<string>;
  name: string;
  display_name: string;
  type: 'code_host' | 'issue_tracker' | 'ci' | 'registry' | 'http_api';
  base_url: string;
  auth_type: 'none' | 'token' | 'oauth2' | 'basic';
  config: Generated<Json>;
  credential_config: Generated<Json>;
  is_active: Generated<boolean>;
  priority: Generated<number>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface FileFormerPathsTable {
  session_id: string;
  path: string;
  file_id: string;
}

export interface FileVersionsTable {
  id: Generated<string>;
  file_id: string;
  version_number: number;
  kind: Generated<'manual' | 'auto' | 'restore' | 'import'>;
  content: string;
  content_hash: Buffer;
  diff: Json | null;
  commit_message: string | null;
  author_id: string | null;
  created_at: Generated<Timestamp>;
}

export interface FilesTable {
  id: Generated<string>;
  session_id: string;
  path: string;
  filename: GeneratedAlways<string>;
  language: string | null;
  eol: Generated<'lf' | 'crlf'>;
  size_bytes: Generated<bigint>;
  content_hash: Buffer | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  deleted_at: Timestamp | null;
}

export interface JobLogsTable {
  id: Generated<string>;
  job_id: string;
  level: 'debug' | 'info' | 'warning' | 'error' | 'fatal';
  message: string;
  details: Json | null;
  created_at: Generated<Timestamp>;
}

export interface JobsTable {
  id: Generated<string>;
  user_id: string;
  session_id: string | null;
  remote_id: string | null;
  schedule_id: string | null;
  type: 'copy' | 'move' | 'delete' | 'sync' | 'backup' | 'restore';
  status: Generated<'pending' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'>;
  priority: Generated<number>;
  progress: Generated<number>;
  payload: Json;
  result: Json | null;
  error: string | null;
  retry_count: Generated<number>;
  max_retries: Generated<number>;
  scheduled_for: Timestamp | null;
  started_at: Timestamp | null;
  heartbeat_at: Timestamp | null;
  completed_at: Timestamp | null;
  cancel_requested_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface LlmApiKeysTable {
  id: Generated<string>;
  provider_id: string;
  name: string;
  api_key_encrypted: Buffer;
  last_four: string | null;
  status: Generated<'active' | 'inactive'>;
  monthly_budget_usd: string | null;
  last_used_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface LlmConversationsLogTable {
  id: Generated<string>;
  request_id: string;
  user_id: string | null;
  conversation_id: string | null;
  message_id: string | null;
  agent_execution_id: string | null;
  api_key_id: string | null;
  provider: string;
  model: string;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cost_usd: string | null;
  duration_ms: number | null;
  status: 'success' | 'failure' | 'timeout' | 'cancelled';
  error_message: string | null;
  created_at: Generated<Timestamp>;
}

export interface LlmDailyUsageTable {
  usage_date: string;
  provider: string;
  model: string;
  api_key_id: string;
  requests: Generated<number>;
  tokens: Generated<bigint>;
  cost_usd: Generated<string>;
}

export interface LlmModelsTable {
  id: Generated<string>;
  provider_id: string;
  name: string;
  display_name: string;
  input_usd_per_mtok: string | null;
  output_usd_per_mtok: string | null;
  is_available: Generated<boolean>;
  created_at: Generated<Timestamp>;
}

export interface LlmProvidersTable {
  id: Generated<string>;
  name: string;
  display_name: string;
  api_base_url: string | null;
  status: Generated<'active' | 'inactive'>;
  priority: Generated<number>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface MaintenanceRunsTable {
  task: string;
  node: string;
  started_at: Timestamp;
  finished_at: Timestamp | null;
  result: Json | null;
  error: string | null;
  succeeded_at: Timestamp | null;
}

export interface MessageFeedbackTable {
  user_id: string;
  message_id: string;
  feedback_type: 'helpful' | 'not_helpful';
  rating: number | null;
  created_at: Generated<Timestamp>;
}

export interface NotificationsTable {
  id: Generated<string>;
  user_id: string;
  type: string;
  title: string;
  message: string | null;
  data: Json | null;
  priority: Generated<'low' | 'normal' | 'high' | 'urgent'>;
  read_at: Timestamp | null;
  archived_at: Timestamp | null;
  expires_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface PerformanceMetricsTable {
  id: Generated<string>;
  session_id: string | null;
  metric_type: string;
  value: number;
  metadata: Json | null;
  recorded_at: Generated<Timestamp>;
}

export interface PermissionsTable {
  id: Generated<string>;
  user_id: string | null;
  remote_id: string | null;
  session_id: string | null;
  permissions: Generated<string[]>;
  path_rules: Generated<Json>;
  is_active: Generated<boolean>;
  created_by: string | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface PhoneVerificationCodesTable {
  id: Generated<string>;
  phone_index: Buffer;
  purpose: Generated<'login' | 'change' | 'release' | 'recover'>;
  code_hash: Buffer;
  attempts: Generated<number>;
  expires_at: Timestamp;
  consumed_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface RemotesTable {
  id: Generated<string>;
  owner_id: string;
  name: string;
  type: 's3' | 'sftp' | 'webdav' | 'local';
  root_path: Generated<string>;
  config: Generated<Json>;
  secret_encrypted: Buffer | null;
  status: Generated<'unknown' | 'online' | 'offline' | 'error'>;
  last_checked_at: Timestamp | null;
  last_error: string | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface RoomEnvironmentsTable {
  session_id: string;
  language: string;
  environment_id: string;
}

export interface ScheduleRulesTable {
  id: Generated<string>;
  user_id: string;
  session_id: string | null;
  name: string;
  description: string | null;
  is_active: Generated<boolean>;
  rule_type: 'cron' | 'interval' | 'once';
  cron_expression: string | null;
  time_zone: Generated<string>;
  interval_seconds: number | null;
  run_at: Timestamp | null;
  job_template: Json;
  last_run_at: Timestamp | null;
  next_run_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface SecurityEventsTable {
  id: Generated<string>;
  session_id: string | null;
  user_id: string | null;
  type: string;
  severity: 'low' | 'medium' | 'high' | 'critical';
  data: Json | null;
  sandbox_id: string | null;
  ip_address: string | null;
  created_at: Generated<Timestamp>;
}

export interface SessionBansTable {
  session_id: string;
  user_id: string;
  banned_by: string | null;
  created_at: Generated<Timestamp>;
}

export interface SessionParticipantsTable {
  session_id: string;
  user_id: string;
  role: Generated<'owner' | 'collaborator' | 'participant' | 'viewer'>;
  member_since: Generated<Timestamp>;
  invited_at: Timestamp | null;
  joined_at: Generated<Timestamp>;
  left_at: Timestamp | null;
  color: Generated<number>;
  last_cursor: Json | null;
}

export interface SystemConfigsTable {
  key: string;
  value: Json;
  description: string | null;
  updated_by: string | null;
  updated_at: Generated<Timestamp>;
}

export interface SystemNotificationsTable {
  id: Generated<string>;
  title: string;
  content: string;
  type: 'maintenance' | 'update' | 'notice';
  priority: Generated<'low' | 'normal' | 'high' | 'critical'>;
  is_active: Generated<boolean>;
  display_from: Generated<Timestamp>;
  display_until: Timestamp | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
}

export interface TestCasesTable {
  id: Generated<string>;
  file_id: string;
  name: string;
  stdin: Generated<string>;
  args: Generated<Json>;
  expected_output: string | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface UsagePatternsTable {
  id: Generated<string>;
  user_id: string;
  session_id: string | null;
  pattern_type: string;
  pattern_key: string;
  pattern_data: Generated<Json>;
  frequency: Generated<number>;
  last_occurred_at: Generated<Timestamp>;
}

export interface UserExternalIntegrationsTable {
  id: Generated<string>;
  user_id: string;
  system_id: string;
  status: Generated<'locked' | 'pending' | 'unlocked' | 'expired'>;
  external_user_encrypted: Buffer | null;
  credential_encrypted: Buffer | null;
  conditions: Generated<Json>;
  verification: Generated<Json>;
  metadata: Generated<Json>;
  consent_version: string | null;
  last_verified_at: Timestamp | null;
  expires_at: Timestamp | null;
  auto_renew: Generated<boolean>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface UserFeedbackTable {
  id: Generated<string>;
  user_id: string | null;
  type: 'bug' | 'suggestion' | 'complaint';
  subject: string | null;
  content: string;
  rating: number | null;
  status: Generated<'pending' | 'resolved' | 'closed'>;
  response: string | null;
  responded_by: string | null;
  responded_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}

export interface UserPreferencesTable {
  user_id: string;
  theme: Generated<'light' | 'dark' | 'system'>;
  language: string | null;
  time_zone: string | null;
  notifications_enabled: Generated<boolean>;
  notifications: Generated<Json>;
  editor: Generated<Json>;
  ui: Generated<Json>;
  api: Generated<Json>;
  preferred_persona_id: string | null;
  avatar: Generated<Json>;
  voice_enabled: Generated<boolean>;
  updated_at: Generated<Timestamp>;
}

export interface UserSessionsTable {
  id: Generated<string>;
  user_id: string;
  token_hash: Buffer;
  refresh_token_hash: Buffer | null;
  previous_refresh_hash: Buffer | null;
  refresh_family_hash: Buffer | null;
  refresh_salt: Buffer | null;
  refreshed_at: Timestamp | null;
  expires_at: Timestamp;
  refresh_expires_at: Timestamp | null;
  revoked_at: Timestamp | null;
  revoke_reason: string | null;
  ip_address: string | null;
  user_agent: string | null;
  device: Generated<Json>;
  created_at: Generated<Timestamp>;
  last_activity_at: Generated<Timestamp>;
}

export interface UsersTable {
  id: Generated<string>;
  kind: Generated<'human' | 'guest' | 'bot'>;
  bot_owner_id: string | null;
  username: string;
  display_name: string;
  display_name_index: Buffer[] | null;
  email_encrypted: Buffer | null;
  email_index: Buffer | null;
  phone_encrypted: Buffer | null;
  phone_index: Buffer | null;
  password_hash: string | null;
  role: Generated<'user' | 'power_user' | 'admin'>;
  status: Generated<'active' | 'inactive' | 'banned'>;
  avatar_url: string | null;
  country_code: string | null;
  email_verified_at: Timestamp | null;
  phone_verified_at: Timestamp | null;
  last_login_at: Timestamp | null;
  last_active_at: Timestamp | null;
  metadata: Generated<Json>;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
}

export interface Tables {
  access_tokens: AccessTokensTable;
  activity_feed: ActivityFeedTable;
  agent_executions: AgentExecutionsTable;
  ai_suggestions: AiSuggestionsTable;
  audit_anchors: AuditAnchorsTable;
  audit_chain: AuditChainTable;
  audit_logs: AuditLogsTable;
  chat_messages: ChatMessagesTable;
  chatbot_personas: ChatbotPersonasTable;
  code_executions: CodeExecutionsTable;
  coding_sessions: CodingSessionsTable;
  conversation_archives: ConversationArchivesTable;
  conversations: ConversationsTable;
  countries: CountriesTable;
  daily_stats: DailyStatsTable;
  document_clients: DocumentClientsTable;
  document_history: DocumentHistoryTable;
  document_quarantine: DocumentQuarantineTable;
  document_states: DocumentStatesTable;
  document_updates: DocumentUpdatesTable;
  editing_sessions: EditingSessionsTable;
  email_tokens: EmailTokensTable;
  error_logs: ErrorLogsTable;
  execution_environments: ExecutionEnvironmentsTable;
  execution_sources: ExecutionSourcesTable;
  external_api_calls: ExternalApiCallsTable;
  external_data_access_audit: ExternalDataAccessAuditTable;
  external_data_sessions: ExternalDataSessionsTable;
  external_system_endpoints: ExternalSystemEndpointsTable;
  external_systems: ExternalSystemsTable;
  file_former_paths: FileFormerPathsTable;
  file_versions: FileVersionsTable;
  files: FilesTable;
  job_logs: JobLogsTable;
  jobs: JobsTable;
  llm_api_keys: LlmApiKeysTable;
  llm_conversations_log: LlmConversationsLogTable;
  llm_daily_usage: LlmDailyUsageTable;
  llm_models: LlmModelsTable;
  llm_providers: LlmProvidersTable;
  maintenance_runs: MaintenanceRunsTable;
  message_feedback: MessageFeedbackTable;
  notifications: NotificationsTable;
  performance_metrics: PerformanceMetricsTable;
  permissions: PermissionsTable;
  phone_verification_codes: PhoneVerificationCodesTable;
  remotes: RemotesTable;
  room_environments: RoomEnvironmentsTable;
  schedule_rules: ScheduleRulesTable;
  security_events: SecurityEventsTable;
  session_bans: SessionBansTable;
  session_participants: SessionParticipantsTable;
  system_configs: SystemConfigsTable;
  system_notifications: SystemNotificationsTable;
  test_cases: TestCasesTable;
  usage_patterns: UsagePatternsTable;
  user_external_integrations: UserExternalIntegrationsTable;
  user_feedback: UserFeedbackTable;
  user_preferences: UserPreferencesTable;
  user_sessions: UserSessionsTable;
  users: UsersTable;
}
