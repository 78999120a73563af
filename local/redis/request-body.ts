import * as z from 'zod';
import { fail, type Result, succeed } from '../../src/result.ts';

/** A command name and its arguments, or the error its own slot in the answer gets. */
export type ParsedCommand = Result<readonly string[], string>;

const commandSchema = z.array(z.unknown());
const batchSchema = z.array(commandSchema);

/** The texts of malformed bodies follow the vendor's open-source REST proxy; all answer HTTP 400. */
export function parseSingle(body: Uint8Array): Result<readonly string[], string> {
  const parsed = commandSchema.safeParse(parseJson(body));
  if (!parsed.success) return fail('ERR failed to parse command');
  if (parsed.data.length === 0) return fail('ERR empty command');
  return toCommand(parsed.data);
}

/** The body of `/pipeline` and `/multi-exec`. */
export function parseBatch(body: Uint8Array): Result<readonly ParsedCommand[], string> {
  const parsed = batchSchema.safeParse(parseJson(body));
  if (!parsed.success) return fail('ERR failed to parse pipeline request');
  if (parsed.data.length === 0) return fail('ERR empty pipeline request');
  return succeed(
    parsed.data.map((items) => (items.length === 0 ? fail('ERR empty pipeline command') : toCommand(items))),
  );
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function toCommand(items: readonly unknown[]): ParsedCommand {
  const command: string[] = [];
  for (const item of items) {
    if (typeof item === 'string') command.push(item);
    else if (typeof item === 'number' || typeof item === 'boolean') command.push(String(item));
    else return fail(unsupportedArgument(item));
  }
  return succeed(command);
}

/** The text for null is upstash/redis-js#326; what arrays and objects answer is inferred from it. */
function unsupportedArgument(item: unknown): string {
  return `ERR unsupported arg type: ${item === null ? '%!q(<nil>): <nil>' : JSON.stringify(item)}`;
}
