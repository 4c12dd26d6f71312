// A client of bare `socket.io-client`: what somebody writes who has nothing of ours but the contract.
import { io, type Socket } from 'socket.io-client';
import * as Y from 'yjs';
import { until } from './until.ts';

export interface BareClient {
  readonly socket: Socket;
  /** Events in the order they came. */
  readonly events: { readonly name: string; readonly payload: any }[];
  /** One call with its acknowledgement. */
  call(name: string, input?: unknown): Promise<any>;
  /** As `call`, but gives the data and throws the error. */
  ask(name: string, input?: unknown): Promise<any>;
  /** Resolves with the first event of that name for which the check holds, past ones included. */
  event(name: string, check?: (payload: any) => boolean): Promise<any>;
  close(): void;
}

/** Connects; rejects when the server refuses. */
export async function bareClient(url: string, token: string, options: object = {}): Promise<BareClient> {
  const socket = io(url, {
    auth: { token },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  const events: { name: string; payload: any }[] = [];
  socket.onAny((name: string, payload: unknown) => events.push({ name, payload }));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', reject);
  });
  const call = (name: string, input?: unknown): Promise<any> => socket.timeout(15_000).emitWithAck(name, input);
  return {
    socket,
    events,
    call,
    async ask(name, input) {
      const answer = await call(name, input);
      if (!answer.ok) throw Object.assign(new Error(answer.error.message), answer.error);
      return answer.data;
    },
    async event(name, check = () => true) {
      const found = await until(() => events.find((event) => event.name === name && check(event.payload)), {
        what: name,
      });
      return found?.payload;
    },
    close: () => socket.disconnect(),
  };
}

/** A document opened by a bare client, mirrored into a Y.Doc; edits go out by themselves. */
export async function openDoc(client: BareClient, fileId: string) {
  const doc = new Y.Doc();
  const opened = await client.ask('doc.open', { fileId });
  Y.applyUpdate(doc, new Uint8Array(opened.update), 'server');
  const saved: Promise<any>[] = [];
  client.socket.on('doc.update', (event: { fileId: string; update: ArrayBuffer }) => {
    if (event.fileId === fileId) Y.applyUpdate(doc, new Uint8Array(event.update), 'server');
  });
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'server') saved.push(client.call('doc.update', { fileId, update }));
  });
  return { doc, text: doc.getText('content'), opened, saved };
}

/** A check of `participant.joined` and `participant.left`: whether a user is among them. */
export const includes =
  (userId: string) =>
  ({ participants }: { participants: { userId: string }[] }): boolean =>
    participants.some((participant) => participant.userId === userId);
