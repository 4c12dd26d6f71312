// The scenarios by name.
import type { Scenario } from '../stand.ts';
import { awareness } from './awareness.ts';
import { durability } from './durability.ts';
import { fanout } from './fanout.ts';
import { joinLarge } from './join.ts';
import { memory } from './memory.ts';
import { observers } from './observers.ts';
import { reconnect } from './reconnect.ts';
import { rooms } from './rooms.ts';
import { saturate } from './saturate.ts';
import { saved } from './saved.ts';

export const scenarios: Readonly<Record<string, Scenario>> = {
  fanout,
  saturate,
  rooms,
  awareness,
  join: joinLarge,
  reconnect,
  durability,
  saved,
  observers,
  memory,
};
