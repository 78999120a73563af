import * as z from 'zod';

/** What a queue that is worse than its batches has made of them. */
export const deliveryCountsSchema = z.object({
  /** Messages that the consumer was handed. */
  handed: z.int(),
  /** Of these, the ones it had been handed before: in the same batch, or when they were younger. */
  doubled: z.int(),
  /** Messages that had come and were withheld for later. */
  late: z.int(),
  /** Handed after one that had come behind them. */
  outOfOrder: z.int(),
});
export type DeliveryCounts = z.infer<typeof deliveryCountsSchema>;

export const NOTHING_DELIVERED: DeliveryCounts = { handed: 0, doubled: 0, late: 0, outOfOrder: 0 };

/** By what was handed, whoever handed it: a batch that is passed on as it came has nothing doubled, late or out of order. */
export function countDelivery(
  come: readonly Pick<Message, 'body'>[],
  handed: readonly Pick<Message, 'body'>[],
  isCopy: (body: unknown) => boolean,
): DeliveryCounts {
  const placeOf = new Map(come.map(({ body }, at) => [body, at]));
  const places = handed.map(({ body }) => placeOf.get(body) ?? -1);
  const seen = new Set<number>();
  const counts = { ...NOTHING_DELIVERED, handed: handed.length };
  let furthest = -1;
  for (const [at, place] of places.entries()) {
    if (seen.has(place) || isCopy(handed[at]?.body)) counts.doubled += 1;
    if (place < furthest) counts.outOfOrder += 1;
    seen.add(place);
    furthest = Math.max(furthest, place);
  }
  counts.late = come.length - seen.size;
  return counts;
}

export function addDelivery(a: DeliveryCounts, b: DeliveryCounts): DeliveryCounts {
  return {
    handed: a.handed + b.handed,
    doubled: a.doubled + b.doubled,
    late: a.late + b.late,
    outOfOrder: a.outOfOrder + b.outOfOrder,
  };
}
