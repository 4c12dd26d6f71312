// The page by its address: the start, a room, or where a letter leads.
import { AccountDialog } from './account/account-dialog.tsx';
import { ResetPage, VerifyPage } from './account/link-pages.tsx';
import { Home } from './home/home.tsx';
import { UnknownPage } from './room/entry-states.tsx';
import { RoomPage } from './room/room-page.tsx';
import { route } from './routes.ts';
import { Settings } from './settings/settings.tsx';
import { Notices } from './ui/notices.tsx';

export function App() {
  return (
    <>
      <Page />
      <Settings />
      <AccountDialog />
      <Notices />
    </>
  );
}

function Page() {
  const { value } = route;
  switch (value.page) {
    case 'home':
      return <Home />;
    case 'room':
      return <RoomPage key={value.code} code={value.code} />;
    case 'verify':
      return <VerifyPage token={value.token} />;
    case 'reset':
      return <ResetPage token={value.token} />;
    case 'unknown':
      return <UnknownPage />;
  }
}
