// Which section of the settings is open, for whatever leads there.
import { signal } from '@preact/signals';

export type SectionId = 'profile' | 'account' | 'preferences' | 'bots' | 'users' | 'changes' | 'security';

/** Undefined: the settings are closed. */
export const openSection = signal<SectionId | undefined>(undefined);

export function openSettings(section: SectionId = 'profile'): void {
  openSection.value = section;
}
