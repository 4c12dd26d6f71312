// The AsyncAPI document of what goes over Socket.io, made from the declarations.
import type { z } from 'zod';
import type { Command, EventDefinition, SocketCall } from '../protocol/define.ts';
import { commands, events, PROTOCOL_VERSION, socketCalls } from '../protocol/index.ts';
import { jsonSchema } from './openapi.ts';

type Json = { [key: string]: unknown };

/** AsyncAPI 3.0: what a client sends (each with its acknowledgement) and what the server sends. */
export function asyncApiDocument(): Json {
  const calls = [...Object.values<SocketCall>(socketCalls), ...Object.values<Command>(commands)];
  const messages: Json = {};
  const operations: Json = {};
  for (const call of calls) {
    messages[call.name] = message(call, jsonSchema(call.input, 'input'));
    messages[`${call.name}.answer`] = message(
      { ...call, name: `${call.name}.answer` },
      jsonSchema(call.output, 'output'),
    );
    operations[call.name] = {
      action: 'receive',
      summary: call.summary,
      channel: { $ref: '#/channels/socket' },
      messages: [reference(call.name)],
      reply: { channel: { $ref: '#/channels/socket' }, messages: [reference(`${call.name}.answer`)] },
    };
  }
  for (const event of Object.values<EventDefinition>(events)) {
    const name = `event:${event.name}`;
    messages[name] = message(event, jsonSchema(event.payload as z.ZodType, 'output'));
    operations[name] = {
      action: 'send',
      summary: event.summary,
      channel: { $ref: '#/channels/socket' },
      messages: [reference(name)],
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Coderoom over Socket.io',
      version: String(PROTOCOL_VERSION),
      description:
        'Default namespace and path; auth: {token}. Every call is acknowledged with {ok: true, data} or {ok: false, error}. Binary fields are Buffer or Uint8Array.',
    },
    channels: { socket: { address: '/', messages } },
    operations,
  };
}

function message({ name, summary }: { name: string; summary: string }, payload: Json): Json {
  return { name: name.replace(/^event:/, ''), summary, payload };
}

function reference(name: string): Json {
  return { $ref: `#/channels/socket/messages/${name.replaceAll('/', '~1')}` };
}
