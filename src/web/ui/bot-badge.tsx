// Says that somebody is a program.
import { Bot } from 'lucide-preact';

export function BotBadge() {
  return (
    <span class="bot-badge">
      <Bot size={12} aria-hidden="true" />
      bot
    </span>
  );
}
