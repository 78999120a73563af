import type { Circuits } from '../resilience/circuits.ts';
import { type IsolationOrders, rejectionError } from '../resilience/guard-upstream.ts';
import type { StoreCircuits } from './ask-stores.ts';

/** What this isolate's breakers, and operators' orders, say of the stores; each store's circuit has its name. */
export function createStoreCircuits(
  circuits: Pick<Circuits, 'rejection' | 'state' | 'setIsolated'>,
  orders: Pick<IsolationOrders, 'isIsolated'>,
): StoreCircuits {
  // As the next call will find it: while nobody calls, nobody else notices that an order was taken back.
  const obey = (store: string) => circuits.setIsolated(store, orders.isIsolated(store));
  return {
    rejectionOf(store) {
      obey(store);
      const rejection = circuits.rejection(store);
      return rejection && rejectionError({ dependency: store, operation: 'query' }, rejection);
    },
    isProbing(store) {
      obey(store);
      return circuits.state(store) === 'half-open';
    },
  };
}
