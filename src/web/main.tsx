// Where the page starts.
import { render } from 'preact';
import '@fontsource/jetbrains-mono/400.css';
import '@fontsource/jetbrains-mono/400-italic.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/overlays.css';
import './styles/home.css';
import './styles/shell.css';
import './styles/top-bar.css';
import './styles/panels.css';
import './styles/editor.css';
import './styles/output.css';
import './styles/runs.css';
import './styles/tables.css';
import './styles/settings.css';
import './styles/bots.css';
import './styles/account.css';
import './styles/members.css';
import { App } from './app.tsx';
import { followInvitations } from './state/invitations.ts';
import { followPreferences } from './state/preferences.ts';
import { followTheme } from './theme.ts';

followTheme();
followPreferences();
followInvitations();
render(<App />, document.getElementById('app') as HTMLElement);
