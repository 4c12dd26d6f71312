// The port between the load and a protocol: one connection with one document open. Each adapter implements `connect`.
import type * as Y from 'yjs';
import type { RawWebSocket } from './raw-websocket.ts';

/** Where a client goes; which parts count depends on the server. */
export interface Address {
  /** Name of the document. */
  readonly room: string;
  /** Path of the WebSocket, where the protocol has the document in it. */
  readonly path?: string;
  readonly token?: string;
  readonly roomCode?: string;
  readonly fileId?: string;
}

export interface ClientOptions {
  readonly port: number;
  readonly address: Address;
  /** Of what the client has already; empty when left out. */
  readonly stateVector?: Uint8Array;
  /** The server only passes messages on: there is no first sync. */
  readonly relay: boolean;
  /** Once, with what the client lacked. The bytes here and below are views that are valid during the call only. */
  onSynced(client: LoadClient, update: Uint8Array): void;
  onUpdate(client: LoadClient, update: Uint8Array): void;
  onAwareness(client: LoadClient, update: Uint8Array): void;
  /** The server says that the n-th update of this client (from 0) is on disk. */
  onStored?(client: LoadClient, sequence: number): void;
  onClose(client: LoadClient, error: Error | undefined): void;
}

export interface LoadClient {
  /** Its number in the load. */
  index: number;
  socket: RawWebSocket;
  /** Times that the server asked it to come again. */
  retries: number;
  /** Kept up to date by a few clients, to compare texts at the end. */
  full: Y.Doc | undefined;
  sendUpdate(update: Uint8Array): void;
  sendAwareness(update: Uint8Array): void;
}

/** Milliseconds after which a client comes again when the server asked it to. */
export const COME_AGAIN_MS = 250;

export type Connect = (options: ClientOptions) => LoadClient;
