// The start: come into a room by its code, or open one.
import { Moon, Settings, Sun } from 'lucide-preact';
import { AccountMenu } from '../account/account-menu.tsx';
import { lastName, session } from '../session.ts';
import { openSettings } from '../settings/section.ts';
import { theme, toggleTheme } from '../theme.ts';
import { JoinForm } from './join-form.tsx';
import { NameField, WhoAmI } from './name-field.tsx';
import { NewRoomForm } from './new-room-form.tsx';
import { RecentRooms } from './recent-rooms.tsx';

export function Home() {
  document.title = 'Coderoom';
  return (
    <div class="home">
      <header class="home-bar">
        <span class="brand">Coderoom</span>
        <span class="stretch" />
        <button
          type="button"
          class="icon"
          aria-label={`Use the ${theme.value === 'dark' ? 'light' : 'dark'} theme`}
          title="Light or dark"
          onClick={toggleTheme}
        >
          {theme.value === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
        </button>
        {session.value && <SettingsButton />}
        <AccountMenu />
      </header>
      <main class="home-main">
        <h1 class="sr-only">Coderoom</h1>
        {session.value ? <WhoAmI /> : <NameField name={lastName} />}
        <JoinForm />
        <NewRoomForm />
        {session.value && <RecentRooms key={session.value.user.id} />}
      </main>
    </div>
  );
}

function SettingsButton() {
  return (
    <button type="button" class="icon" aria-label="Settings" title="Settings" onClick={() => openSettings()}>
      <Settings size={16} aria-hidden="true" />
    </button>
  );
}
