// The room's outline while it is being joined.
export function Skeleton({ text, warn }: { text: string; warn: boolean }) {
  return (
    <div class="shell skeleton">
      <div class="top-bar">
        <span class="bone" style={{ width: '120px' }} />
        <span class="bone" style={{ width: '88px' }} />
      </div>
      <div class={warn ? 'banner warn' : 'banner info'} role="status">
        {text}
      </div>
      <div class="skeleton-body" aria-hidden="true">
        <div class="skeleton-side">
          {[70, 52, 84, 60].map((width) => (
            <span key={width} class="bone" style={{ width: `${width}%` }} />
          ))}
        </div>
        <div class="skeleton-code">
          {Array.from({ length: 8 }, (_, index) => (
            <span key={index} class="bone" />
          ))}
        </div>
      </div>
    </div>
  );
}
