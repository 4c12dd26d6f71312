// A room as signals: mirrors the client's Room, so that a component renders again when what it shows has changed.
// Changes are taken over once per frame: a run that prints a thousand lines costs sixty renders a second, not a thousand.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Client, File, Participant, Role, Room, RoomChange, RoomState, RunView } from '../../client/index.ts';

export interface RoomView {
  readonly client: Client;
  readonly room: Room;
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
  readonly owner: ReadonlySignal<Participant | undefined>;
  readonly dispose: () => void;
}

/** The server's table (role × action), as far as the page shows or hides something by it. */
export interface Rights {
  readonly write: boolean;
  readonly run: boolean;
  readonly manage: boolean;
}

const NO_RIGHTS: Rights = { write: false, run: false, manage: false };
/** States of a room in which nothing can be done any more. */
const OVER: ReadonlySet<RoomState> = new Set(['closed', 'left', 'refused']);

export function rightsOf(role: Role): Rights {
  return {
    write: role === 'owner' || role === 'collaborator',
    run: role !== 'viewer',
    manage: role === 'owner',
  };
}

/** Starts to mirror a room, until `dispose`. */
export function viewRoom(client: Client, room: Room): RoomView {
  const me = signal(room.me);
  const participants = signal(room.participants);
  const files = signal(filesByPath(room));
  const runs = signal(room.runs);
  const state = signal<RoomState>(room.state);
  const mirror = perFrame((changed) => {
    if (changed.has('participants')) {
      participants.value = new Map(room.participants);
      me.value = room.me;
    }
    if (changed.has('files')) files.value = filesByPath(room);
    if (changed.has('runs')) runs.value = new Map(room.runs);
    if (changed.has('state')) state.value = room.state;
  });
  const stop = room.onChange((what) => mirror.note(what));
  return {
    client,
    room,
    me,
    participants,
    files,
    runs,
    state,
    people: computed(() => sortPeople(participants, me).filter(({ online }) => online)),
    away: computed(() => sortPeople(participants, me).filter(({ online }) => !online)),
    rights: computed(() => (OVER.has(state.value) ? NO_RIGHTS : rightsOf(me.value.role))),
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
