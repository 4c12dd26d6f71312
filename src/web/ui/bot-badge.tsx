// Says that somebody is a program, and whose.
import { Bot } from 'lucide-preact';

/** @param owner whose bot it is, where that is known */
export function BotBadge({ owner }: { owner?: string | undefined }) {
  return (
    <span class="bot-badge" title={owner && `Bot of ${owner}`}>
      <Bot size={12} aria-hidden="true" />
      bot
    </span>
  );
}
