// The OpenAPI document of the HTTP commands, made from the declarations.
import { z } from 'zod';
import { scopeOf } from '../kernel/grant.ts';
import type { Command } from '../protocol/define.ts';
import { ERROR_CODES, ERROR_STATUS } from '../protocol/errors.ts';
import { commands, PROTOCOL_VERSION } from '../protocol/index.ts';

type Json = { [key: string]: unknown };

/** A zod schema as JSON Schema; what JSON cannot say (binary, checks by function) becomes a plain value. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  }) as Json;
  return rest;
}

/** OpenAPI 3.1, every command with its path, input, answer and errors. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const command of Object.values<Command>(commands)) {
    const path = command.http.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [command.http.method.toLowerCase()]: operation(command) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Coderoom',
      version: String(PROTOCOL_VERSION),
      description: 'Commands over HTTP. The same commands, documents and events over Socket.io: /docs/asyncapi.json.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema() },
    },
  };
}

function operation(command: Command): Json {
  const names = [...command.http.path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const schema = jsonSchema(command.input, 'input') as { properties?: Json; required?: string[] };
  const properties = Object.entries(schema.properties ?? {});
  const rest = properties.filter(([name]) => !names.includes(name));
  const inBody = command.http.method !== 'GET' && command.http.method !== 'DELETE';
  const required = (schema.required ?? []).filter((name) => !names.includes(name));
  const parameter =
    (place: string) =>
    ([name, value]: [string, unknown]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: value,
    });
  return {
    operationId: command.name,
    summary: command.summary,
    description: forWhom(command),
    tags: [command.name.split('.')[0]],
    security: command.access.scope === 'anyone' ? [] : [{ token: [] }],
    parameters: [
      ...properties.filter(([name]) => names.includes(name)).map(parameter('path')),
      ...(inBody ? [] : rest.map(parameter('query'))),
    ],
    ...(inBody && rest.length > 0
      ? { requestBody: { content: json({ type: 'object', properties: Object.fromEntries(rest), required }) } }
      : {}),
    responses: {
      200: { description: 'Done.', content: json(answer(jsonSchema(command.output, 'output'))) },
      default: { description: 'Refused or failed.', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

/** What the token of a bot or script needs. */
function forWhom(command: Command): string {
  if (command.access.scope === 'anyone') return 'For anybody, also without a token.';
  const scope = scopeOf(command);
  return scope ? `A bot’s or script’s token needs the scope \`${scope}\`.` : 'Not for tokens of bots and scripts.';
}

const json = (schema: Json): Json => ({ 'application/json': { schema } });

function answer(data: Json): Json {
  return { type: 'object', required: ['ok', 'data'], properties: { ok: { const: true }, data } };
}

function errorSchema(): Json {
  const statuses = ERROR_CODES.map((code) => `${code} ${ERROR_STATUS[code]}`).join(', ');
  return {
    type: 'object',
    required: ['ok', 'error'],
    properties: {
      ok: { const: false },
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { enum: ERROR_CODES, description: `With their HTTP status: ${statuses}.` },
          message: { type: 'string' },
          details: {},
        },
      },
    },
  };
}
