type Attributes = Record<string, string | number | boolean>;

/** Shows the time `run` takes as a span of the trace; `annotate` adds what is only known inside. */
export type TraceSpan = <T>(
  name: string,
  attributes: Attributes,
  run: (annotate: (attributes: Attributes) => void) => Promise<T>,
) => Promise<T>;

/** Without tracing. */
export const untraced: TraceSpan = (_name, _attributes, run) => run(() => {});

/** Spans of the platform's own tracing, where it has one. */
export function createTraceSpan(tracing: Pick<Tracing, 'enterSpan'> | undefined): TraceSpan {
  if (tracing === undefined) return untraced;
  return (name, attributes, run) =>
    tracing.enterSpan(name, (span) => {
      for (const [key, value] of Object.entries(attributes)) span.setAttribute(key, value);
      return run((more) => {
        for (const [key, value] of Object.entries(more)) span.setAttribute(key, value);
      });
    });
}
