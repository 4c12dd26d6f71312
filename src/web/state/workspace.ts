// Everything the page holds for one room, put together by hand; components get it from the context.
import type { EditorView } from '@codemirror/view';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Client, Room } from '../../client/index.ts';
import { type FileActions, fileActions } from './file-actions.ts';
import { type Follow, follow } from './follow.ts';
import { idlePeople, tellIdle } from './idle.ts';
import { hearKnocks, type Knocks } from './knocks.ts';
import { type Members, openMembers } from './members.ts';
import { type OpenDocuments, openDocuments } from './open-documents.ts';
import { tellRoomNews } from './room-news.ts';
import { type RoomView, viewRoom } from './room-view.ts';
import { type Runs, watchRuns } from './runs.ts';
import { openTabs, type Tabs } from './tabs.ts';

/** What lies over the room; one at a time. */
export type Overlay = 'commands' | 'files' | 'input' | 'environments' | 'close-room' | 'leave-unsaved' | undefined;

export interface Workspace {
  readonly view: RoomView;
  readonly documents: OpenDocuments;
  readonly tabs: Tabs;
  readonly runs: Runs;
  readonly knocks: Knocks;
  readonly members: Members;
  readonly follow: Follow;
  /** Ids of people who are away from the keyboard. */
  readonly idle: ReadonlySignal<ReadonlySet<string>>;
  readonly files: FileActions;
  /** The editor in front, while there is one. */
  readonly editor: Signal<EditorView | undefined>;
  readonly overlay: Signal<Overlay>;
  /** Joins again, as from the link. */
  readonly comeBack: () => void;
  readonly dispose: () => void;
}

/** @param comeBack joins again */
export function openWorkspace(client: Client, room: Room, comeBack: () => void): Workspace {
  const view = viewRoom(client, room);
  const documents = openDocuments(client);
  const tabs = openTabs(view, documents);
  const knocks = hearKnocks(view);
  const runs = watchRuns(view);
  const idle = idlePeople(documents);
  const stopTelling = tellIdle(client);
  const stopNews = tellRoomNews(view);
  return {
    view,
    documents,
    tabs,
    knocks,
    members: openMembers(view),
    runs,
    idle: idle.ids,
    follow: follow({ view, documents, tabs }),
    files: fileActions(view, tabs),
    editor: signal<EditorView | undefined>(undefined),
    overlay: signal<Overlay>(undefined),
    comeBack,
    dispose() {
      stopTelling();
      stopNews();
      idle.dispose();
      tabs.dispose();
      runs.dispose();
      knocks.dispose();
      documents.dispose();
      view.dispose();
    },
  };
}

export const WorkspaceContext = createContext<Workspace | undefined>(undefined);

/** The room's workspace. @throws outside of a room */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error('not inside a room');
  return workspace;
}
