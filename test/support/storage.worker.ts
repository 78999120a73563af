// A Worker that only lends its bindings to tests.
export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
