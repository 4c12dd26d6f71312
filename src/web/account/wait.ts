// A wait that counts down on the page.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const SECOND_MS = 1000;

export interface Wait {
  /** 0: it is over. */
  readonly seconds: number;
  readonly begin: (ms: number) => void;
}

export function useWait(): Wait {
  const until = useSignal(0);
  const seconds = useSignal(0);
  const look = () => {
    seconds.value = Math.max(0, Math.ceil((until.peek() - performance.now()) / SECOND_MS));
  };
  useEffect(() => {
    const timer = setInterval(look, SECOND_MS / 4);
    return () => clearInterval(timer);
  }, []);
  return {
    seconds: seconds.value,
    begin(ms) {
      until.value = performance.now() + ms;
      look();
    },
  };
}

/** `0:25`. */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
