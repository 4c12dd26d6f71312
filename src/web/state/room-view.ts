// A room as signals: mirrors the client's Room, so that a component renders again when what it shows has changed.
// Changes are taken over once per frame: a run that prints a thousand lines costs sixty renders a second, not a thousand.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Client, File, Participant, Room, RoomChange, RoomInfo, RoomState, RunView } from '../../client/index.ts';

export interface RoomView {
  readonly client: Client;
  readonly room: Room;
  readonly info: ReadonlySignal<RoomInfo>;
  readonly me: ReadonlySignal<Participant>;
  /** Who is here, oneself first, then in order of arrival. */
  readonly people: ReadonlySignal<readonly Participant[]>;
  /** Members who are not here now. */
  readonly away: ReadonlySignal<readonly Participant[]>;
  readonly participants: ReadonlySignal<ReadonlyMap<string, Participant>>;
  /** By path. */
  readonly files: ReadonlySignal<readonly File[]>;
  readonly runs: ReadonlySignal<ReadonlyMap<string, RunView>>;
  readonly state: ReadonlySignal<RoomState>;
  readonly rights: ReadonlySignal<Rights>;
  /** Whether one may do that with a file, followed as it changes. */
  may(right: 'write' | 'delete', fileId: string): boolean;
  readonly owner: ReadonlySignal<Participant | undefined>;
  readonly dispose: () => void;
}

/** The server's table (role × action), as far as the page shows or hides something by it. */
export interface Rights {
  /** Somewhere in the room; `may` knows about one file. */
  readonly write: boolean;
  readonly run: boolean;
  readonly manage: boolean;
}

const NO_RIGHTS: Rights = { write: false, run: false, manage: false };
/** States of a room in which nothing can be done any more. */
const OVER: ReadonlySet<RoomState> = new Set(['closed', 'left', 'refused', 'removed']);

/** Starts to mirror a room, until `dispose`. */
export function viewRoom(client: Client, room: Room): RoomView {
  const info = signal(room.info);
  const me = signal(room.me);
  const participants = signal(room.participants);
  const files = signal(filesByPath(room));
  const runs = signal(room.runs);
  const state = signal<RoomState>(room.state);
  const mirror = perFrame((changed) => {
    if (changed.has('info') || changed.has('state')) info.value = room.info;
    if (changed.has('participants')) {
      participants.value = new Map(room.participants);
      me.value = room.me;
    }
    if (changed.has('files')) files.value = filesByPath(room);
    if (changed.has('runs')) runs.value = new Map(room.runs);
    if (changed.has('state')) state.value = room.state;
  });
  /** The room knows; what it knows changes with these. */
  const may = (right: 'write' | 'delete', fileId?: string): boolean => {
    const followed = [files, me, state].map(({ value }) => value);
    return followed.length > 0 && room.may(right, fileId);
  };
  const stop = room.onChange((what) => mirror.note(what));
  return {
    client,
    room,
    info,
    me,
    participants,
    files,
    runs,
    state,
    people: computed(() => sortPeople(participants, me).filter(({ online }) => online)),
    away: computed(() => sortPeople(participants, me).filter(({ online }) => !online)),
    rights: computed(() => {
      const { role } = me.value;
      if (OVER.has(state.value)) return NO_RIGHTS;
      return { write: may('write'), run: role !== 'viewer', manage: role === 'owner' };
    }),
    may,
    owner: computed(() => [...participants.value.values()].find(({ role }) => role === 'owner')),
    dispose() {
      stop();
      mirror.cancel();
    },
  };
}

function filesByPath(room: Room): readonly File[] {
  return [...room.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sortPeople(participants: Signal<ReadonlyMap<string, Participant>>, me: Signal<Participant>): Participant[] {
  const own = me.value.userId;
  const rank = (person: Participant) => (person.userId === own ? '' : person.joinedAt);
  return [...participants.value.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** A page in the background gets no frames; there the timer does it. */
const LONGEST_WAIT_MS = 500;

function perFrame(apply: (changed: ReadonlySet<RoomChange>) => void) {
  const changed = new Set<RoomChange>();
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = undefined;
  };
  const flush = () => {
    cancel();
    apply(changed);
    changed.clear();
  };
  const note = (what: RoomChange) => {
    changed.add(what);
    if (frame !== undefined) return;
    frame = requestAnimationFrame(flush);
    timer = setTimeout(flush, LONGEST_WAIT_MS);
  };
  return { note, cancel };
}
