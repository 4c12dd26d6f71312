// The port to one client that has one document open. A transport implements it; the engine never sees a socket.

import type { Layout } from './linear-merge.ts';

/** An encoded message; only the wire that made it can read it. */
export type Frame = unknown;

/** How a kind of client is written to. What it encodes once is sent to every link of that kind. */
export interface Wire {
  readonly name: string;
  updates(fileId: string, updates: readonly Layout[]): Frame;
  awareness(fileId: string, update: Uint8Array): Frame;
}

/** Who is behind a link, as the server knows it; stamped on what others see. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** Index into the palette. */
  readonly color: number;
  readonly role: string;
}

export type CloseReason = 'deleted' | 'forbidden' | 'resync' | 'draining' | 'failed';

export type Notice =
  | { readonly type: 'access'; readonly canWrite: boolean }
  | { readonly type: 'saved'; readonly saved: boolean }
  | { readonly type: 'closed'; readonly reason: CloseReason };

export interface Link {
  readonly roomId: string;
  /** Changed by the engine when the person's role changes, and read for every frame. */
  person: Person;
  canWrite: boolean;
  /** Never writes, whatever role the person is given. */
  readonly readOnly?: boolean;
  readonly wire: Wire;
  /** @param disposable may be dropped when the client is slow: a newer one follows */
  send(frame: Frame, disposable: boolean): void;
  notify(notice: Notice): void;
}

/** Encodes for each wire that is asked for, once. */
export function eachWire(encode: (wire: Wire) => Frame): (wire: Wire) => Frame {
  const frames = new Map<Wire, Frame>();
  return (wire) => {
    let frame = frames.get(wire);
    if (frame === undefined) {
      frame = encode(wire);
      frames.set(wire, frame);
    }
    return frame;
  };
}
