// Each namespace is a call of its own to every store, and an invocation may make 1,000 queries to D1
// (https://developers.cloudflare.com/d1/platform/limits/).
const NAMESPACES_PER_SLICE = 10;

/** The beginning of a page in the order of namespaces, as far as one slice may go. */
export function ofFewNamespaces<T extends { namespace: string }>(page: T[]): T[] {
  const namespaces = new Set<string>();
  const end = page.findIndex(({ namespace }) => namespaces.add(namespace).size > NAMESPACES_PER_SLICE);
  return end === -1 ? page : page.slice(0, end);
}
