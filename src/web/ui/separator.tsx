// The line between two panels: drag it, or move it with the arrow keys; Enter or a double click folds the panel.
import { useRef } from 'preact/hooks';

interface SeparatorProps {
  readonly label: string;
  /** `vertical` stands between left and right. */
  readonly orientation: 'vertical' | 'horizontal';
  readonly value: number;
  readonly limits: { readonly min: number; readonly max: number };
  /** 1 when the panel grows with the coordinate (left panel), -1 when against it (bottom panel). */
  readonly direction: 1 | -1;
  readonly onResize: (size: number) => void;
  readonly onFold: () => void;
}

/** CSS pixels per press of an arrow key; with Shift four times that. */
const STEP = 16;

export function Separator(props: SeparatorProps) {
  const { label, orientation, value, limits, direction, onResize, onFold } = props;
  const from = useRef<{ at: number; size: number } | undefined>(undefined);
  const clamp = (size: number) => Math.round(Math.min(limits.max, Math.max(limits.min, size)));
  const coordinate = (event: PointerEvent) => (orientation === 'vertical' ? event.clientX : event.clientY);
  const onKeyDown = (event: KeyboardEvent) => {
    const [less, more] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    const step = STEP * (event.shiftKey ? 4 : 1) * direction;
    if (event.key === less) onResize(clamp(value - step));
    else if (event.key === more) onResize(clamp(value + step));
    else if (event.key === 'Home') onResize(limits.min);
    else if (event.key === 'End') onResize(clamp(limits.max));
    else if (event.key === 'Enter') onFold();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> is not focusable nor draggable; ARIA's window splitter is this.
    <div
      role="separator"
      tabIndex={0}
      class={`separator ${orientation}`}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={value}
      aria-valuemin={limits.min}
      aria-valuemax={limits.max}
      onKeyDown={onKeyDown}
      onDblClick={onFold}
      onPointerDown={(event) => {
        from.current = { at: coordinate(event), size: value };
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (from.current) onResize(clamp(from.current.size + (coordinate(event) - from.current.at) * direction));
      }}
      onLostPointerCapture={() => {
        from.current = undefined;
      }}
    />
  );
}
