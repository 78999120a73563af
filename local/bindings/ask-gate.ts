import type { BindingServiceName } from '../faults/fault.ts';

/** How the service behind a binding answers a call: late, never or with a failure, as the fault gate has it. */
export type AskGate = (operation: string) => Promise<Response>;

export function createAskGate(cloudUrl: string, service: BindingServiceName, instance: string): AskGate {
  return (operation) => fetch(new URL(`/bindings/${service}/${instance}/${operation}`, cloudUrl), { method: 'POST' });
}
