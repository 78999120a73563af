/** One step into the metadata. `fromEnd` 1 is the last element, written `[#-1]`. */
export type PathStep =
  | { kind: 'key'; key: string }
  | { kind: 'index'; index: number }
  | { kind: 'index-from-end'; fromEnd: number };

export type MetadataPath = PathStep[];

const KEY = /[a-zA-Z_0-9-]+/y;
const SUBSCRIPT = /\[(#-)?(\d+)\]/y;

/** Reads an identifier such as `economy.industries[#-1].name`; `null` when it is none. */
export function parseMetadataPath(identifier: string): MetadataPath | null {
  const path: MetadataPath = [];
  let offset = 0;
  while (offset < identifier.length) {
    SUBSCRIPT.lastIndex = offset;
    const subscript = path.length === 0 ? null : SUBSCRIPT.exec(identifier);
    if (subscript !== null) {
      const position = Number(subscript[2]);
      path.push(
        subscript[1] === undefined ? { kind: 'index', index: position } : { kind: 'index-from-end', fromEnd: position },
      );
      offset += subscript[0].length;
      continue;
    }
    if (path.length > 0) {
      if (identifier[offset] !== '.') return null;
      offset += 1;
    }
    KEY.lastIndex = offset;
    const key = KEY.exec(identifier)?.[0];
    if (key === undefined) return null;
    path.push({ kind: 'key', key });
    offset += key.length;
  }
  return path.length === 0 ? null : path;
}

/** The value at a path; `undefined` when there is none. */
export function valueAt(metadata: unknown, path: MetadataPath): unknown {
  let value = metadata;
  for (const step of path) {
    value = stepInto(value, step);
    if (value === undefined) return undefined;
  }
  return value;
}

function stepInto(value: unknown, step: PathStep): unknown {
  if (step.kind === 'key') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const own = Object.getOwnPropertyDescriptor(value, step.key);
    return own?.value;
  }
  if (!Array.isArray(value)) return undefined;
  return step.kind === 'index' ? value[step.index] : value[value.length - step.fromEnd];
}
