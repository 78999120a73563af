import type { EmbeddingModel } from '../models/embedder.ts';
import { embeddingFingerprint } from '../models/embedding-fingerprint.ts';
import type { RelevanceCalibration } from './relevance.ts';

interface Measured extends RelevanceCalibration {
  /** From which cosine on a sentence of an answer and what it cites say the same. Chosen on the high side, not measured. */
  minClaimCosine: number;
  measuredOn: string;
}

/** By embedding fingerprint. Floor and weights are what `npm run bench -- calibrate --documents DIR` prints. */
const CALIBRATIONS: Readonly<Record<string, Measured>> = {
  'local/all-MiniLM-L6-v2/384/mean': {
    floor: 0.55,
    lowCosine: 0.35,
    weights: { cosine: 1, lowCosine: 1.45, missingWords: -2.18, missingNames: -0.79 },
    minClaimCosine: 0.75,
    measuredOn: '2026-11-26',
  },
};

/** `null` for a model that nobody has calibrated: nothing is refused for its passages then. */
export function relevanceCalibration(model: EmbeddingModel): Measured | null {
  return CALIBRATIONS[embeddingFingerprint(model)] ?? null;
}
