import type { ApiServices } from '../services.ts';

/** What handlers find on Hono's context. */
export interface HttpEnv {
  Bindings: Record<string, unknown>;
  Variables: {
    requestId: string;
    /** Set after the configuration was found valid; absent on routes that work without it. */
    services: ApiServices;
    /** The id part of the key that authenticated the request. */
    keyId: string;
    problemCode: string | null;
    /** All went as it should and cost next to nothing. */
    isRoutine: boolean;
  };
}
