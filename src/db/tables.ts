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

export interface CountriesTable {
  code: string;
  name_ko: string;
  name_en: string;
  flag_emoji: string | null;
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

export interface PerformanceMetricsTable {
  id: Generated<string>;
  session_id: string | null;
  metric_type: string;
  value: number;
  metadata: Json | null;
  recorded_at: Generated<Timestamp>;
}

export interface PhoneVerificationCodesTable {
  id: Generated<string>;
  phone_index: Buffer;
  purpose: Generated<'login' | 'change' | 'recover'>;
  code_hash: Buffer;
  attempts: Generated<number>;
  expires_at: Timestamp;
  consumed_at: Timestamp | null;
  created_at: Generated<Timestamp>;
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

export interface SessionParticipantsTable {
  session_id: string;
  user_id: string;
  role: Generated<'owner' | 'collaborator' | 'participant' | 'viewer'>;
  joined_at: Generated<Timestamp>;
  left_at: Timestamp | null;
  color: Generated<number>;
  last_cursor: Json | null;
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

export interface UserPreferencesTable {
  user_id: string;
  theme: Generated<'light' | 'dark' | 'system'>;
  language: Generated<string>;
  time_zone: Generated<string>;
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
  audit_logs: AuditLogsTable;
  chatbot_personas: ChatbotPersonasTable;
  code_executions: CodeExecutionsTable;
  coding_sessions: CodingSessionsTable;
  countries: CountriesTable;
  document_clients: DocumentClientsTable;
  document_history: DocumentHistoryTable;
  document_quarantine: DocumentQuarantineTable;
  document_states: DocumentStatesTable;
  document_updates: DocumentUpdatesTable;
  editing_sessions: EditingSessionsTable;
  error_logs: ErrorLogsTable;
  execution_environments: ExecutionEnvironmentsTable;
  execution_sources: ExecutionSourcesTable;
  file_versions: FileVersionsTable;
  files: FilesTable;
  performance_metrics: PerformanceMetricsTable;
  phone_verification_codes: PhoneVerificationCodesTable;
  security_events: SecurityEventsTable;
  session_participants: SessionParticipantsTable;
  test_cases: TestCasesTable;
  usage_patterns: UsagePatternsTable;
  user_preferences: UserPreferencesTable;
  user_sessions: UserSessionsTable;
  users: UsersTable;
}
