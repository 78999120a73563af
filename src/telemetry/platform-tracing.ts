import * as platform from 'cloudflare:workers';

/** The runtime's tracing; runtimes older than it have none, whatever their types say. */
export const platformTracing: Tracing | undefined = Reflect.get(platform, 'tracing');
