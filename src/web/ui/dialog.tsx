// A dialog over the page. The browser's own <dialog> keeps the focus inside and gives it back afterwards.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly label: string;
  readonly class?: string;
  /** Esc, or a click beside it. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ label, onClose, children, class: extra = '' }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  // Before the next key comes: it belongs into the dialog.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class={`dialog ${extra}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  /** What the button says: the deed, not “OK”. */
  readonly deed: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone. */
export function Confirm({ title, text, deed, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog label={title} class="confirm" onClose={onClose}>
      <h2>{title}</h2>
      <p>{text}</p>
      <div class="actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {deed}
        </button>
      </div>
    </Dialog>
  );
}
