// What lies over the room: palette, dialogs.
import { failure } from '../error-words.ts';
import { MemberDialogs } from '../members/member-dialogs.tsx';
import { leaveRoom } from '../state/actions.ts';
import { notify } from '../state/notices.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Confirm } from '../ui/dialog.tsx';
import { later } from '../ui/later.tsx';
import { count } from '../ui/times.ts';
import { CommandPalette, FilePalette } from './palette.tsx';

const EnvironmentsDialog = later<{ onClose: () => void }>(
  async () => (await import('./environments.tsx')).EnvironmentsDialog,
);
const RunDialog = later<{ onClose: () => void }>(async () => (await import('./run-dialog.tsx')).RunDialog);

export function Overlays() {
  const workspace = useWorkspace();
  const { overlay, files, members } = workspace;
  const close = () => {
    overlay.value = undefined;
  };
  const doomed = files.deleting.value;
  if (doomed) {
    return (
      <Confirm
        title={`Delete ${doomed.path}?`}
        text="It goes away for everybody in the room. Its versions are kept on the server, but the page cannot bring it back yet."
        deed="Delete"
        onConfirm={() => void files.remove(doomed)}
        onClose={() => {
          files.deleting.value = undefined;
        }}
      />
    );
  }
  const dialog = members.dialog.value;
  if (dialog) return <MemberDialogs dialog={dialog} />;
  switch (overlay.value) {
    case 'commands':
      return <CommandPalette onClose={close} />;
    case 'files':
      return <FilePalette onClose={close} />;
    case 'input':
      return <RunDialog onClose={close} />;
    case 'environments':
      return <EnvironmentsDialog onClose={close} />;
    case 'close-room':
      return <CloseRoom onClose={close} />;
    case 'leave-unsaved':
      return <LeaveUnsaved onClose={close} />;
    case undefined:
      return null;
  }
}

function CloseRoom({ onClose }: { onClose: () => void }) {
  const { view } = useWorkspace();
  const onConfirm = async () => {
    try {
      await view.room.manage.close();
    } catch (error) {
      notify({ kind: 'bad', text: failure('The room was not closed', error) });
    }
  };
  return (
    <Confirm
      title={`Close ${view.room.info.name}?`}
      text="Everybody is sent out and the code stops working. The contents are kept: you can open it again here, or from the start page."
      deed="Close the room"
      onConfirm={() => void onConfirm()}
      onClose={onClose}
    />
  );
}

function LeaveUnsaved({ onClose }: { onClose: () => void }) {
  const workspace = useWorkspace();
  const { pending } = workspace.documents.light.value;
  return (
    <Confirm
      title="Leave without saving?"
      text={`${count(pending, 'edit')} of yours did not reach the server yet. If you leave now, they are lost.`}
      deed="Leave anyway"
      onConfirm={() => void leaveRoom(workspace, true)}
      onClose={onClose}
    />
  );
}
