// Preferences: each holds as soon as it is chosen, on all devices.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import type { Preferences } from '../../protocol/preferences.ts';
import { THEMES } from '../../protocol/settings.ts';
import { client } from '../session.ts';
import { prefer, preferences } from '../state/preferences.ts';
import { fullTime } from '../ui/times.ts';
import { Choice, Stepper, Switch } from './setting.tsx';

type Editor = Preferences['editor'];

/** The limits of the server (`src/protocol/preferences.ts`). */
const FONT_SIZE = { least: 10, most: 28 };
const TAB_WIDTH = { least: 1, most: 8 };

const THEME_NAMES: Record<Preferences['theme'], string> = { system: 'System', light: 'Light', dark: 'Dark' };

export function PreferencesSection() {
  return (
    <div class="settings-groups">
      <p class="hint">They hold at once and go with you to every device that you are signed in on.</p>
      <Look />
      <EditorGroup />
      <Notices />
      <Region />
      <Assistant />
    </div>
  );
}

function Look() {
  const { theme, ui } = preferences.value;
  return (
    <section class="settings-group" aria-labelledby="look-title">
      <h4 id="look-title">Look</h4>
      <div class="setting">
        <span class="setting-words" id="theme-label">
          Theme
        </span>
        <div class="segments" role="radiogroup" aria-labelledby="theme-label">
          {THEMES.map((each) => (
            <label key={each} class={each === theme ? 'segment chosen' : 'segment'}>
              <input
                type="radio"
                name="theme"
                value={each}
                checked={each === theme}
                onChange={() => void prefer({ theme: each })}
              />
              {THEME_NAMES[each]}
            </label>
          ))}
        </div>
      </div>
      <Switch
        label="Less motion"
        hint="Nothing slides or fades, whatever the system says."
        on={ui.reduceMotion}
        onChange={(reduceMotion) => void prefer({ ui: { reduceMotion } })}
      />
    </section>
  );
}

const KEYS: readonly { readonly value: Editor['keys']; readonly name: string }[] = [
  { value: 'default', name: 'Usual' },
  { value: 'emacs', name: 'Emacs' },
];

function EditorGroup() {
  const { editor } = preferences.value;
  const set = (changes: Partial<Editor>) => void prefer({ editor: changes });
  return (
    <section class="settings-group" aria-labelledby="editor-title">
      <h4 id="editor-title">Editor</h4>
      <Sample editor={editor} />
      <Stepper
        label="Size of the text"
        unit="px"
        value={editor.fontSize}
        {...FONT_SIZE}
        onChange={(fontSize) => set({ fontSize })}
      />
      <Stepper
        label="Width of a tab"
        unit={editor.tabWidth === 1 ? 'column' : 'columns'}
        value={editor.tabWidth}
        {...TAB_WIDTH}
        onChange={(tabWidth) => set({ tabWidth })}
      />
      <Switch
        label="Indent with tabs"
        hint="Off: with as many blanks as a tab is wide."
        on={editor.indentWithTabs}
        onChange={(indentWithTabs) => set({ indentWithTabs })}
      />
      <Switch label="Wrap long lines" on={editor.lineWrap} onChange={(lineWrap) => set({ lineWrap })} />
      <Switch label="Line numbers" on={editor.lineNumbers} onChange={(lineNumbers) => set({ lineNumbers })} />
      <Switch
        label="Close brackets and quotes"
        on={editor.closeBrackets}
        onChange={(closeBrackets) => set({ closeBrackets })}
      />
      <Choice
        label="Keys"
        hint="Emacs: Ctrl and a letter moves and deletes in the text, as far as the browser lets go of it."
        chosen={editor.keys}
        options={KEYS}
        onChange={(keys) => set({ keys })}
      />
    </section>
  );
}

const SAMPLE = ['function add(a, b) {', '\treturn a + b;', '}'];

/** How code looks with it. */
function Sample({ editor }: { editor: Editor }) {
  return (
    <pre class="settings-sample" aria-hidden="true">
      {SAMPLE.map((line, index) => (
        <span key={line} class="sample-line">
          {editor.lineNumbers && <span class="sample-number">{index + 1}</span>}
          {line.replace('\t', ' '.repeat(editor.tabWidth))}
        </span>
      ))}
    </pre>
  );
}

function Notices() {
  const { notificationsEnabled, notifications } = preferences.value;
  return (
    <section class="settings-group" aria-labelledby="notices-title">
      <h4 id="notices-title">Notices</h4>
      <Switch
        label="Show notices"
        hint="In the corner of the page. Errors show in any case."
        on={notificationsEnabled}
        onChange={(on) => void prefer({ notificationsEnabled: on })}
      />
      <Switch
        label="Somebody asks to come in"
        on={notificationsEnabled && notifications.knocks}
        disabled={!notificationsEnabled}
        onChange={(knocks) => void prefer({ notifications: { knocks } })}
      />
    </section>
  );
}

const LANGUAGES = ['en-US', 'en-GB', 'de', 'es', 'fr', 'ja', 'ko', 'pt-BR', 'zh-CN'] as const;
const DEVICE = 'device';

function Region() {
  const { language, timeZone } = preferences.value;
  const known = language === null || (LANGUAGES as readonly string[]).includes(language) ? [] : [language];
  const languages = [...LANGUAGES, ...known].map((value) => ({ value, name: nameOf(value) }));
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), ...(timeZone === null ? [] : [timeZone])])];
  return (
    <section class="settings-group" aria-labelledby="region-title">
      <h4 id="region-title">Dates and times</h4>
      <Choice
        label="Written as in"
        chosen={language ?? DEVICE}
        options={[{ value: DEVICE, name: `This device (${navigator.language})` }, ...languages]}
        onChange={(value) => void prefer({ language: value === DEVICE ? null : value })}
      />
      <Choice
        label="Time zone"
        hint={`Now: ${fullTime(new Date().toISOString())}`}
        chosen={timeZone ?? DEVICE}
        options={[
          { value: DEVICE, name: `This device (${own})` },
          ...zones.map((value) => ({ value, name: value.replaceAll('_', ' ') })),
        ]}
        onChange={(value) => void prefer({ timeZone: value === DEVICE ? null : value })}
      />
    </section>
  );
}

function nameOf(language: string): string {
  return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
}

type Personas = CommandOutput<'persona.list'>['personas'];

const NONE = '';

/** For rooms with an assistant in them, and for bots that ask. */
function Assistant() {
  const { preferredPersona, voiceEnabled } = preferences.value;
  const personas = useSignal<Personas>([]);
  useEffect(() => {
    client()
      .call('persona.list', {})
      .then(
        (answer) => {
          personas.value = answer.personas;
        },
        // What is chosen shows all the same.
        () => undefined,
      );
  }, []);
  const known = personas.value.map(({ id, name }) => ({ value: id, name }));
  const isKnown = preferredPersona === null || known.some(({ value }) => value === preferredPersona);
  const others = isKnown ? [] : [{ value: preferredPersona, name: preferredPersona }];
  const chosen = personas.value.find(({ id }) => id === preferredPersona);
  return (
    <section class="settings-group" aria-labelledby="assistant-title">
      <h4 id="assistant-title">Assistant</h4>
      <Choice
        label="Who is asked first"
        hint={chosen?.description ?? 'In rooms that have an assistant.'}
        chosen={preferredPersona ?? NONE}
        options={[{ value: NONE, name: 'Whoever is there' }, ...known, ...others]}
        onChange={(value) => void prefer({ preferredPersona: value === NONE ? null : value })}
      />
      <Switch label="Answers are read aloud" on={voiceEnabled} onChange={(on) => void prefer({ voiceEnabled: on })} />
    </section>
  );
}
