/** RFC 7396 on JSON objects: `null` deletes, objects merge, everything else replaces. */
export function mergePatch(target: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) merged.set(key, mergePatch(asJsonObject(merged.get(key)), value));
    else merged.set(key, value);
  }
  // Defines own properties, so a key named __proto__ stays data.
  return Object.fromEntries(merged);
}

function asJsonObject(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {};
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
