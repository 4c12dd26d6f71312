// What a document needs of the connection, and hears from it.
import type { CallInput, CallOutput, ServerEvent } from './connection.ts';

export interface DocumentPort {
  /** Whether a document can be opened now. */
  readonly isOnline: boolean;
  request<N extends 'doc.open' | 'doc.more' | 'doc.update'>(
    name: N,
    input: CallInput<N>,
    timeoutMs: number,
  ): Promise<CallOutput<N>>;
  send<N extends 'doc.awareness' | 'doc.close'>(name: N, input: CallInput<N>): void;
}

export type DocumentEvent = Extract<ServerEvent, { name: `doc.${string}` }>;
