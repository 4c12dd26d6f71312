// The settings: over the page, so that a room goes on behind them. What is in a section is loaded when it is opened.
import { Bot, KeyRound, ScrollText, ShieldAlert, SlidersHorizontal, UserRound, Users, X } from 'lucide-preact';
import type { ComponentType } from 'preact';
import { session } from '../session.ts';
import { ownRole } from '../state/preferences.ts';
import { Dialog } from '../ui/dialog.tsx';
import { later } from '../ui/later.tsx';
import { openSection, type SectionId } from './section.ts';

interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly Icon: typeof Bot;
  readonly Body: ComponentType<object>;
  /** For administrators of the server only. */
  readonly administration?: boolean;
}

/** In the order of the list. */
const SECTIONS: readonly Section[] = [
  {
    id: 'profile',
    title: 'Profile',
    Icon: UserRound,
    Body: later(async () => (await import('./profile-section.tsx')).ProfileSection),
  },
  {
    id: 'account',
    title: 'Account',
    Icon: KeyRound,
    Body: later(async () => (await import('../account/account-section.tsx')).AccountSection),
  },
  {
    id: 'preferences',
    title: 'Preferences',
    Icon: SlidersHorizontal,
    Body: later(async () => (await import('./preferences-section.tsx')).PreferencesSection),
  },
  {
    id: 'bots',
    title: 'Bots and tokens',
    Icon: Bot,
    Body: later(async () => (await import('./bots-section.tsx')).BotsSection),
  },
  {
    id: 'users',
    title: 'Users',
    Icon: Users,
    Body: later(async () => (await import('../administration/users-section.tsx')).UsersSection),
    administration: true,
  },
  {
    id: 'changes',
    title: 'Changes',
    Icon: ScrollText,
    Body: later(async () => (await import('../administration/records-section.tsx')).ChangesSection),
    administration: true,
  },
  {
    id: 'security',
    title: 'Security',
    Icon: ShieldAlert,
    Body: later(async () => (await import('../administration/records-section.tsx')).SecuritySection),
    administration: true,
  },
];

export function Settings() {
  const chosen = SECTIONS.find(({ id }) => id === openSection.value);
  if (!chosen || !session.value) return null;
  const close = () => {
    openSection.value = undefined;
  };
  return (
    <Dialog label="Settings" class="settings" onClose={close}>
      <nav class="settings-nav" aria-label="Sections of the settings">
        <h2>Settings</h2>
        {SECTIONS.filter(({ administration }) => !administration || ownRole.value === 'admin').map(
          ({ id, title, Icon }) => (
            <button
              key={id}
              type="button"
              class="settings-link"
              aria-current={id === chosen.id ? 'page' : undefined}
              onClick={() => {
                openSection.value = id;
              }}
            >
              <Icon size={16} aria-hidden="true" />
              {title}
            </button>
          ),
        )}
      </nav>
      <section class="settings-main" aria-labelledby="settings-title">
        <header class="settings-head">
          <h3 id="settings-title">{chosen.title}</h3>
          <button type="button" class="icon" aria-label="Close the settings" title="Close" onClick={close}>
            <X size={16} aria-hidden="true" />
          </button>
        </header>
        <div class="settings-scroll" tabIndex={-1}>
          <chosen.Body key={chosen.id} />
        </div>
      </section>
    </Dialog>
  );
}
