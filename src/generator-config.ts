import * as z from 'zod';
import type { GenerationPrice } from './cost/prices.ts';
import type { OpenAiEndpoint } from './models/openai-generator.ts';

/** One entry of GENERATION_MODELS, with what else is set for it. */
export type GeneratorConfig = { vendor: 'workers-ai'; name: string } | ({ vendor: 'openai' } & OpenAiEndpoint);

type Env = Record<string, unknown>;
type Report = (key: string, problem: string) => void;

const KEY = 'GENERATION_MODELS';
const PREFIX = 'openai:';
const PER_MILLION = 1_000_000;

const url = z.url({ protocol: /^https?$/ });
const usd = z.coerce.number().min(0);
const body = z.preprocess(parseJson, z.record(z.string(), z.unknown())).default({});

/** `@cf/…` and other names of Workers AI, or `openai:NAME`, whose endpoint the variables `GENERATOR_<NAME>_…` describe. */
export function resolveGenerators(specs: string[], env: Env, report: Report): GeneratorConfig[] {
  const generators = specs.flatMap((spec) => {
    if (spec.startsWith(PREFIX)) return resolveEndpoint(spec.slice(PREFIX.length), env, report);
    return [{ vendor: 'workers-ai' as const, name: spec }];
  });
  const names = new Set(generators.map(({ name }) => name));
  if (names.size < generators.length) report(KEY, 'names the same model twice');
  return generators;
}

/** What answers depend on: an entry keeps its name when its endpoint gets another model. */
export function identityOf(generator: GeneratorConfig): string {
  if (generator.vendor !== 'openai') return generator.name;
  const { name, baseUrl, model, body } = generator;
  return JSON.stringify([name, baseUrl, model, body]);
}

function resolveEndpoint(id: string, env: Env, report: Report): GeneratorConfig[] {
  if (!/^[A-Z][A-Z0-9_]*$/.test(id)) {
    report(KEY, 'entries look like @cf/vendor/model or openai:NAME');
    return [];
  }
  const keyOf = (part: string) => `GENERATOR_${id}_${part}`;
  const read = <T>(part: string, schema: z.ZodType<T>, problem: string): T | null => {
    const parsed = schema.safeParse(env[keyOf(part)]);
    if (parsed.success) return parsed.data;
    report(keyOf(part), problem);
    return null;
  };
  const baseUrl = read('URL', url, 'is missing or not a URL');
  const model = read('MODEL', z.string().min(1), 'is missing');
  const key = read('KEY', z.string().min(1).optional(), 'is empty');
  const fields = read('BODY', body, 'is not a JSON object');
  const input = read('INPUT_USD_PER_M', usd.optional(), 'is not a price');
  const output = read('OUTPUT_USD_PER_M', usd.optional(), 'is not a price');
  if ((input === undefined) !== (output === undefined)) {
    report(keyOf(input === undefined ? 'INPUT_USD_PER_M' : 'OUTPUT_USD_PER_M'), 'is missing, the other price is set');
  }
  if (baseUrl === null || model === null || fields === null) return [];
  const name = `openai-${id.toLowerCase().replaceAll('_', '-')}`;
  return [{ vendor: 'openai', name, baseUrl, key: key ?? null, model, price: priceOf(input, output), body: fields }];
}

function priceOf(input: number | null | undefined, output: number | null | undefined): GenerationPrice | null {
  if (typeof input !== 'number' || typeof output !== 'number') return null;
  const per = { per: PER_MILLION, source: 'configured' };
  return { prompt: { usd: input, ...per }, completion: { usd: output, ...per } };
}

/** As TOML has it, or in one string, as secrets and the command line do. */
function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
