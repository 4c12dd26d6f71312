// A card in the middle of the page: what stands where a room, or the start, would be.
import type { ComponentChildren } from 'preact';
import { navigate } from '../routes.ts';

export function EntryScreen({ title, children }: { title: string; children: ComponentChildren }) {
  document.title = `${title} · Coderoom`;
  return (
    <main class="entry">
      <div class="entry-card">
        <span class="brand">Coderoom</span>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

export function HomeLink() {
  return (
    <a
      class="button"
      href="/"
      onClick={(event) => {
        event.preventDefault();
        navigate('/');
      }}
    >
      Back to the start
    </a>
  );
}
