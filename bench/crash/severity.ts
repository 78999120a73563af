import { type Promised, promised } from '../report.ts';
import { FAILING_SHARE, shareFailed } from './failing-calls.ts';
import type { RoundResult } from './run-round.ts';

const MIN_CALLS_PER_DOCUMENT = 0.2;
/** Of the share that was asked for: a round has few calls, and each fails by chance. */
const MIN_OF_ASKED_SHARE = 0.5;
/** Where nobody knows what was accepted, nearly everything would pass for right. */
const MAX_SHARE_IN_DOUBT = 0.2;

type Measure = (round: RoundResult) => number;

/** That each round was as hard as it says, and as sure of what it expects: a run in which nothing failed promises nothing. */
export function severityOf(rounds: readonly RoundResult[], minKills: number): Promised[] {
  const fewest = (of: Measure) => Math.min(...rounds.map(of));
  const most = (of: Measure) => Math.max(...rounds.map(of));
  const atLeast = (name: string, of: Measure, unit: string, bar: number) =>
    promised(name, fewest(of), unit, `≥ ${bar}`, fewest(of) >= bar);
  const some = (name: string, of: Measure, unit: string) => promised(name, fewest(of), unit, '> 0', fewest(of) > 0);
  const none = (name: string, of: Measure, unit: string) => promised(name, most(of), unit, '= 0', most(of) === 0);
  const inDoubt: Measure = (round) => round.inDoubt / round.documents;
  const minShareFailed = FAILING_SHARE * MIN_OF_ASKED_SHARE;
  return [
    atLeast('kills in each round', ({ kills }) => kills, 'kills', minKills),
    atLeast(
      'calls to stores and model that were in danger, for each document',
      ({ calls, documents }) => calls.received / documents,
      'calls',
      MIN_CALLS_PER_DOCUMENT,
    ),
    atLeast(
      `share of them that failed, of ${FAILING_SHARE} asked for`,
      ({ calls }) => shareFailed(calls),
      'of calls',
      minShareFailed,
    ),
    some('of these, calls that were carried out all the same', ({ calls }) => calls.failedWhenDone, 'calls'),
    some('messages delivered again', ({ deliveries }) => deliveries.doubled, 'messages'),
    some('messages delivered late', ({ deliveries }) => deliveries.late, 'messages'),
    some('messages delivered out of order', ({ deliveries }) => deliveries.outOfOrder, 'messages'),
    none('requests without an answer that no kill explains', ({ requests }) => requests.unexplained, 'requests'),
    promised(
      'documents of which it is not known in the end what was accepted',
      most(inDoubt),
      'of documents',
      `≤ ${MAX_SHARE_IN_DOUBT}`,
      most(inDoubt) <= MAX_SHARE_IN_DOUBT,
    ),
    // Only what died can leave an original that no version has; the comparison is no broom for the rest.
    none(
      'unnamed originals beyond those of requests that died',
      ({ unnamed, requests }) => Math.max(0, unnamed - requests.unknown),
      'originals',
    ),
  ];
}
