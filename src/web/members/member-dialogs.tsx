// The dialog about people or the room that is open.
import type { MemberDialog } from '../state/members.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Confirm } from '../ui/dialog.tsx';
import { later } from '../ui/later.tsx';

const InviteDialog = later<{ onClose: () => void }>(async () => (await import('./invite-dialog.tsx')).InviteDialog);
const RoomSettings = later<{ onClose: () => void }>(async () => (await import('./room-settings.tsx')).RoomSettings);
const RulesDialog = later<{ userId: string | null; onClose: () => void }>(
  async () => (await import('./rules-dialog.tsx')).RulesDialog,
);

export function MemberDialogs({ dialog }: { dialog: MemberDialog }) {
  const { members, knocks } = useWorkspace();
  const onClose = () => {
    members.dialog.value = undefined;
  };
  switch (dialog.kind) {
    case 'invite':
      return <InviteDialog onClose={onClose} />;
    case 'settings':
      return <RoomSettings onClose={onClose} />;
    case 'rules':
      return <RulesDialog userId={dialog.userId} onClose={onClose} />;
    case 'new-code':
      return (
        <Confirm
          title="Give the room another code?"
          text="Links that were sent before stop working. Whoever is a member stays one, and sees the new code."
          deed="New code"
          onConfirm={() => void members.rotateCode()}
          onClose={onClose}
        />
      );
    case 'ban': {
      const { person } = dialog;
      const guest =
        person.kind === 'guest' ? ' A guest can come back under another name: give the room another code as well.' : '';
      return (
        <Confirm
          title={`Ban ${person.displayName}?`}
          text={`They are taken out at once, with their bots, and the code does not work for them any more. You can take it back in the list of people.${guest}`}
          deed="Ban"
          onConfirm={() => void members.ban(person).then((done) => done && knocks.dismiss(person.userId))}
          onClose={onClose}
        />
      );
    }
    case 'hand-over':
      return (
        <Confirm
          title={`Hand the room over to ${dialog.person.displayName}?`}
          text="They own it from then on and manage it alone. You stay as a collaborator; only they can give it back."
          deed="Hand over"
          onConfirm={() => void members.handOver(dialog.person)}
          onClose={onClose}
        />
      );
  }
}
