// Light or dark: the system's until somebody chooses, then theirs.
import { computed, effect, signal } from '@preact/signals';
import { remembered } from './storage.ts';

export type Theme = 'light' | 'dark';

/** Null follows the system. */
export const chosenTheme = remembered<Theme | null>(
  'coderoom.theme',
  null,
  (value) => value === 'light' || value === 'dark',
);

const dark = matchMedia('(prefers-color-scheme: dark)');
const system = signal<Theme>(dark.matches ? 'dark' : 'light');
dark.addEventListener('change', () => {
  system.value = dark.matches ? 'dark' : 'light';
});

export const theme = computed<Theme>(() => chosenTheme.value ?? system.value);

/** Puts the choice on the root element, where tokens.css looks for it. */
export function followTheme(): void {
  effect(() => {
    if (chosenTheme.value) document.documentElement.dataset['theme'] = chosenTheme.value;
    else delete document.documentElement.dataset['theme'];
  });
}

/** Chooses the other one; choosing what the system has goes back to following it. */
export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  chosenTheme.value = next === system.value ? null : next;
}
