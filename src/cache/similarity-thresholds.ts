import type { EmbeddingModel } from '../models/embedder.ts';
import { embeddingFingerprint } from '../models/embedding-fingerprint.ts';

interface Calibration {
  /** Two questions whose vectors have at least this cosine may be the same one: the guards decide. */
  threshold: number;
  measuredOn: string;
}

/** By embedding fingerprint. Measured by `npm run bench -- calibrate`, which also says what belongs here. */
const CALIBRATIONS: Readonly<Record<string, Calibration>> = {
  'local/all-MiniLM-L6-v2/384/mean': { threshold: 0.82, measuredOn: '2026-11-26' },
};

/** `null` for a model that nobody has calibrated: similar questions are off then. */
export function similarityThreshold(model: EmbeddingModel): number | null {
  return CALIBRATIONS[embeddingFingerprint(model)]?.threshold ?? null;
}
