// Shows the short messages; the region stands in the page from the start, else it would not be read out.
import { X } from 'lucide-preact';
import { dismiss, notices } from '../state/notices.ts';

export function Notices() {
  return (
    <section class="notices" aria-live="polite" aria-label="Messages">
      {notices.value.map((notice) => (
        <div key={notice.id} class={`notice ${notice.kind}`}>
          <span>{notice.text}</span>
          {notice.action && (
            <button
              type="button"
              class="link"
              onClick={() => {
                notice.action?.run();
                dismiss(notice.id);
              }}
            >
              {notice.action.label}
            </button>
          )}
          <button type="button" class="icon small" aria-label="Close the message" onClick={() => dismiss(notice.id)}>
            <X size={14} />
          </button>
        </div>
      ))}
    </section>
  );
}
