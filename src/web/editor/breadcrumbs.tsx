// Where the file is, and on the right where one is in it.

import type { ReadonlySignal } from '@preact/signals';
import { ChevronRight } from 'lucide-preact';
import { Fragment } from 'preact';
import { languageName } from './language.ts';

export interface Spot {
  readonly line: number;
  readonly column: number;
  /** Characters that are selected. */
  readonly selected: number;
}

export function Breadcrumbs({
  path,
  spot,
  note,
}: {
  path: string;
  spot?: ReadonlySignal<Spot | undefined>;
  note?: string;
}) {
  const parts = path.split('/');
  const at = spot?.value;
  return (
    <div class="breadcrumbs">
      <span class="crumbs" title={path}>
        {parts.map((part, index) => (
          <Fragment key={parts.slice(0, index + 1).join('/')}>
            {index > 0 && <ChevronRight size={12} aria-hidden="true" />}
            <span>{part}</span>
          </Fragment>
        ))}
      </span>
      <span class="stretch" />
      {note !== undefined && <span>{note}</span>}
      {at && (
        <span class="spot">
          Ln {at.line}, Col {at.column}
          {at.selected > 0 && ` (${at.selected} selected)`}
        </span>
      )}
      <span class="wide-only">{languageName(path)}</span>
    </div>
  );
}
