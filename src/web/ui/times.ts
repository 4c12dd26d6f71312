// Times, durations and sizes as people read them.
import { computed, type ReadonlySignal } from '@preact/signals';
import { preferences } from '../state/preferences.ts';

// In the language of the page.
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const clock = format({ hour: '2-digit', minute: '2-digit' });
const day = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const date = format({ dateStyle: 'medium' });
const full = format({ dateStyle: 'full', timeStyle: 'medium' });

/** As the preferences say, else as on the device. */
function format(options: Intl.DateTimeFormatOptions): ReadonlySignal<Intl.DateTimeFormat> {
  return computed(() => {
    const { language, timeZone } = preferences.value;
    return new Intl.DateTimeFormat(language ?? undefined, { ...options, timeZone: timeZone ?? undefined });
  });
}

const STEPS: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** `3 minutes ago`; under a minute `just now`. */
export function ago(timestamp: string): string {
  const seconds = (Date.now() - Date.parse(timestamp)) / 1000;
  const [size, unit] = STEPS.find(([step]) => seconds >= step) ?? [];
  return size && unit ? relative.format(-Math.floor(seconds / size), unit) : 'just now';
}

/** `14:05` today, `3 May, 14:05` earlier. */
export function shortTime(timestamp: string): string {
  return calendarDay(timestamp) === calendarDay() ? clock.value.format(at(timestamp)) : day.value.format(at(timestamp));
}

export function fullTime(timestamp: string): string {
  return full.value.format(at(timestamp));
}

/** `3 May 2026`. */
export function calendarDay(timestamp?: string): string {
  return date.value.format(at(timestamp));
}

const at = (timestamp: string | undefined): Date => (timestamp === undefined ? new Date() : new Date(timestamp));

/** `12 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} kB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** `1 edit`, `2 edits`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
