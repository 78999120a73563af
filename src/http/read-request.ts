import type { Context } from 'hono';
import * as z from 'zod';
import { documentId } from '../catalog/document-id.ts';
import { namespaceName } from '../namespaces/namespace-name.ts';
import { didYouMean } from './did-you-mean.ts';
import { ApiProblem, type FieldError, invalidFields, MAX_FIELD_ERRORS } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

const NOT_DECODABLE = 'is not valid percent-encoded UTF-8';

/** For routes that take no query parameters. */
export const noQuery = z.strictObject({});

/** The namespace of the address. @throws ApiProblem INVALID_NAMESPACE */
export function readNamespace(c: Context<HttpEnv>): string {
  const parsed = namespaceName.safeParse(pathSegment(c, 3));
  if (!parsed.success) {
    throw new ApiProblem(
      'INVALID_NAMESPACE',
      'A namespace is 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit.',
    );
  }
  return parsed.data;
}

/** The document id of the address. @throws ApiProblem INVALID_DOCUMENT_ID */
export function readDocumentId(c: Context<HttpEnv>): string {
  const segment = pathSegment(c, 5);
  if (segment === null) throw new ApiProblem('INVALID_DOCUMENT_ID', `The document id ${NOT_DECODABLE}.`);
  const parsed = documentId.safeParse(segment);
  if (!parsed.success) {
    throw new ApiProblem(
      'INVALID_DOCUMENT_ID',
      `The document id ${parsed.error.issues[0]?.message ?? 'is malformed'}.`,
    );
  }
  return parsed.data;
}

function pathSegment(c: Context<HttpEnv>, index: number): string | null {
  return percentDecoded(new URL(c.req.url).pathname.split('/')[index] ?? '');
}

// Hono decodes leniently and leaves malformed escapes in place; an id must not have two spellings.
function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export function mediaType(c: Context<HttpEnv>): string {
  return (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * The body's bytes, refused as soon as they exceed the limit; `setting` names it where a deployment sets it.
 * @throws ApiProblem BODY_TOO_LARGE
 */
export async function readBytes(c: Context<HttpEnv>, maxBytes: number, setting?: string): Promise<Uint8Array> {
  const name = setting === undefined ? '' : ` (${setting})`;
  const tooLarge = () => new ApiProblem('BODY_TOO_LARGE', `The body may have at most ${maxBytes} bytes${name}.`);
  const declaredLength = c.req.header('content-length');
  if (Number(declaredLength ?? 0) > maxBytes) throw tooLarge();
  // HTTP lets nobody send more than is declared, so that it can be taken in one piece: far cheaper than in a stream's.
  if (declaredLength !== undefined) {
    const whole = new Uint8Array(await c.req.raw.arrayBuffer());
    if (whole.byteLength > maxBytes) throw tooLarge();
    return whole;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** A JSON body that fits the schema; `setting` names its limit as in `readBytes`. @throws ApiProblem 400, 413, 415 or 422 */
export async function readJson<T extends z.ZodObject>(
  c: Context<HttpEnv>,
  schema: T,
  maxBytes: number,
  { mediaTypes = ['application/json'], setting }: { mediaTypes?: readonly string[]; setting?: string } = {},
): Promise<z.infer<T>> {
  if (!mediaTypes.includes(mediaType(c))) {
    throw new ApiProblem('UNSUPPORTED_MEDIA_TYPE', `This route takes ${mediaTypes.join(' or ')}.`);
  }
  const bytes = await readBytes(c, maxBytes, setting);
  return validate(schema, parseJson(bytes));
}

/** Query parameters that fit the schema; unknown and repeated ones are refused. @throws ApiProblem VALIDATION_FAILED */
export function readQuery<T extends z.ZodObject>(c: Context<HttpEnv>, schema: T): z.infer<T> {
  const { search } = new URL(c.req.url);
  const parameters = search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '')
    .map(decodeParameter);
  const values = [...Map.groupBy(parameters, ({ name }) => name)].map(([name, given]) => {
    const all = given.map(({ value }) => value);
    return [name, all.length === 1 ? all[0] : all];
  });
  return validate(schema, Object.fromEntries(values), (path) => `?${path.join('.')}`);
}

function decodeParameter(parameter: string): { name: string; value: string } {
  const [rawName = '', ...rest] = parameter.split('=');
  const name = percentDecoded(rawName.replaceAll('+', ' '));
  const value = percentDecoded(rest.join('=').replaceAll('+', ' '));
  if (name === null || value === null) {
    throw invalidFields([{ pointer: `?${name ?? rawName}`, detail: NOT_DECODABLE }]);
  }
  return { name, value };
}

/** @throws ApiProblem INVALID_JSON */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (error) {
    throw new ApiProblem(
      'INVALID_JSON',
      `The body is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}.`,
    );
  }
}

/** The value as its schema reads it. @throws ApiProblem VALIDATION_FAILED or METADATA_TOO_LARGE */
export function validate<T extends z.ZodObject>(
  schema: T,
  value: unknown,
  pointerOf: (path: string[]) => string = jsonPointer,
): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_FIELD_ERRORS);
  const fieldErrors = issues.flatMap((issue) => describeIssue(issue, fieldsAt(schema, issue.path), pointerOf));
  throw invalidFields(fieldErrors, issues.every(isTooMuchMetadata) ? 'METADATA_TOO_LARGE' : 'VALIDATION_FAILED');
}

function isTooMuchMetadata(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.code === 'METADATA_TOO_LARGE';
}

/** The names that stand at a place in the schema; none where it has no names of its own, as a record has. */
function fieldsAt(schema: z.core.$ZodType, [key, ...rest]: PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional) return fieldsAt(schema.unwrap(), key === undefined ? [] : [key, ...rest]);
  if (schema instanceof z.ZodArray) return key === undefined ? [] : fieldsAt(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (key === undefined) return Object.keys(schema.shape);
  const field: z.core.$ZodType | undefined = schema.shape[String(key)];
  return field === undefined ? [] : fieldsAt(field, rest);
}

function describeIssue(
  issue: z.core.$ZodIssue,
  knownFields: string[],
  pointerOf: (path: string[]) => string,
): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'invalid_key') {
    return [{ pointer: pointerOf(path), detail: issue.issues[0]?.message ?? issue.message }];
  }
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerOf(path), detail: issue.message }];
  return issue.keys.slice(0, MAX_FIELD_ERRORS).map((key) => {
    const suggestion = didYouMean(key, knownFields);
    const hint = suggestion === null ? '' : `; did you mean "${suggestion}"?`;
    return { pointer: pointerOf([...path, key]), detail: `is not a known field${hint}` };
  });
}

function jsonPointer(path: string[]): string {
  return `/${path.map(escapePointer).join('/')}`;
}

function escapePointer(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
