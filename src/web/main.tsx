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
import { App } from './app.tsx';
import { followTheme } from './theme.ts';

followTheme();
render(<App />, document.getElementById('app') as HTMLElement);
