// Which panels are open and how large: remembered per browser, the same for every room.
import { signal } from '@preact/signals';
import { remembered } from '../storage.ts';

export type SidePanel = 'files' | 'people' | 'history';
export type BottomPanel = 'output' | 'tests' | 'runs' | 'statistics';
/** What a narrow screen shows; one at a time. */
export type NarrowPanel = 'side' | 'editor' | 'bottom';

export interface Layout {
  readonly side: SidePanel;
  readonly sideOpen: boolean;
  /** CSS pixels. */
  readonly sideWidth: number;
  readonly bottom: BottomPanel;
  readonly bottomOpen: boolean;
  readonly bottomHeight: number;
}

export const SIDE_LIMITS = { min: 168, max: 560 } as const;
export const BOTTOM_LIMITS = { min: 96, max: 720 } as const;
/** Below this width one panel shows at a time; shell.css has the same number. */
export const NARROW = '(max-width: 719px)';

const INITIAL: Layout = {
  side: 'files',
  sideOpen: true,
  sideWidth: 240,
  bottom: 'output',
  bottomOpen: true,
  bottomHeight: 224,
};

export const layout = remembered<Layout>('coderoom.layout', INITIAL, isLayout);
export const narrowPanel = signal<NarrowPanel>('editor');

const narrowQuery = matchMedia(NARROW);
export const isNarrow = signal(narrowQuery.matches);
narrowQuery.addEventListener('change', () => {
  isNarrow.value = narrowQuery.matches;
});

export function change(part: Partial<Layout>): void {
  layout.value = { ...layout.value, ...part };
}

/** Shows a side panel; asked for the one that shows, it closes it. */
export function toggleSide(side: SidePanel): void {
  const { sideOpen, side: shown } = layout.value;
  change({ side, sideOpen: isNarrow.value || !(sideOpen && shown === side) });
  narrowPanel.value = 'side';
}

export function showSide(side: SidePanel): void {
  change({ side, sideOpen: true });
  narrowPanel.value = 'side';
}

/** Shows a tab of the bottom panel without taking the editor away on a narrow screen, unless `forward`. */
export function showBottom(bottom: BottomPanel, forward = false): void {
  change({ bottom, bottomOpen: true });
  if (forward) narrowPanel.value = 'bottom';
}

export function showEditor(): void {
  narrowPanel.value = 'editor';
}

function isLayout(value: unknown): boolean {
  const found = (value ?? {}) as Record<string, unknown>;
  return Object.entries(INITIAL).every(([key, initial]) => typeof found[key] === typeof initial);
}
