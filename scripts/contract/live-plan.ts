import { EMBEDDING_MODELS, embeddingModelNamed } from '../../src/models/embedding-models.ts';

export type LiveSuite = 'redis' | 'upstash' | 'embedder' | 'generator' | 'vectorize' | 'lexical';

export type PlannedSuite = { name: LiveSuite; title: string } & (
  | { state: 'runs'; touches: string }
  | { state: 'skipped'; because: string }
);

export type LivePlan =
  | { ok: true; suites: PlannedSuite[]; embeddingModel: string; generationModel: string }
  | { ok: false; because: string };

export type Environment = Record<string, string | undefined>;

export interface LivePlanOptions {
  /** Begins the name of everything that is written. */
  scratchName: string;
  /** Asked only when an account is named without a token. */
  isSignedIn(): Promise<boolean>;
}

/** Which contract suites this environment has accounts for, what each would touch, and why the others cannot run. */
export async function planLiveSuites(env: Environment, options: LivePlanOptions): Promise<LivePlan> {
  const { scratchName } = options;
  const embeddingModel = env.EMBEDDING_MODEL || '@cf/baai/bge-m3';
  const generationModel = env.VIGIL_LIVE_GENERATION_MODEL || '@cf/qwen/qwen3-30b-a3b-fp8';
  const model = embeddingModelNamed(embeddingModel);
  if (model === null) {
    const known = EMBEDDING_MODELS.map(({ name }) => name).join(', ');
    return { ok: false, because: `EMBEDDING_MODEL is '${embeddingModel}', which is none of ${known}` };
  }

  const signIn = await signInObstacles(env, options.isSignedIn);
  const redis = [...notUrl(env, 'UPSTASH_REDIS_REST_URL'), ...missing(env, 'UPSTASH_REDIS_REST_TOKEN')];
  const vector = [...notUrl(env, 'UPSTASH_VECTOR_PRIMARY_URL'), ...missing(env, 'UPSTASH_VECTOR_PRIMARY_TOKEN')];
  const inNamespaces = `in new namespaces ${scratchName}-…, deleted after`;
  const vectors = (count: number) => `${count} vectors of ${model.dimensions} dimensions ${inNamespaces}`;
  const suites: PlannedSuite[] = [
    plan('redis', 'cache store on Upstash Redis', redis, {
      touches: `${env.UPSTASH_REDIS_REST_URL}: 214 keys vigil:${scratchName}:…, deleted after; about 250 commands`,
    }),
    plan('upstash', 'vector store on Upstash Vector', vector, {
      touches: `${env.UPSTASH_VECTOR_PRIMARY_URL}: ${vectors(211)}; about 700 requests`,
    }),
    plan('embedder', 'embedder of Workers AI', signIn, { touches: `${model.name}: 107 short texts` }),
    plan('generator', 'generator of Workers AI', signIn, {
      touches: `${generationModel}: one short question, three times`,
    }),
    plan('vectorize', 'vector store on Vectorize', [...signIn, ...scratchIndexObstacles(env)], {
      touches: `index ${env.VIGIL_LIVE_VECTORIZE_INDEX}: ${vectors(111)}; 5 to 20 minutes, for its writes take a while to be seen`,
    }),
    plan('lexical', 'lexical index on D1', [...signIn, ...missing(env, 'VIGIL_LIVE_D1_DATABASE_ID')], {
      touches: `database ${env.VIGIL_LIVE_D1_DATABASE_ID}: 612 rows ${inNamespaces}`,
    }),
  ];
  return { ok: true, suites, embeddingModel, generationModel };
}

function plan(name: LiveSuite, title: string, obstacles: string[], { touches }: { touches: string }): PlannedSuite {
  if (obstacles.length > 0) return { name, title, state: 'skipped', because: obstacles.join(', ') };
  return { name, title, state: 'runs', touches };
}

function missing(env: Environment, name: string): string[] {
  return env[name] ? [] : [`${name} is not set`];
}

function notUrl(env: Environment, name: string): string[] {
  const obstacles = missing(env, name);
  return obstacles.length > 0 || URL.canParse(env[name] ?? '') ? obstacles : [`${name} is not a URL`];
}

// wrangler cannot ask which account it is to use when it runs inside a test.
async function signInObstacles(env: Environment, isSignedIn: () => Promise<boolean>): Promise<string[]> {
  const unnamed = missing(env, 'CLOUDFLARE_ACCOUNT_ID');
  if (env.CLOUDFLARE_API_TOKEN) return unnamed;
  if (unnamed.length > 0) return [...unnamed, 'CLOUDFLARE_API_TOKEN is not set (`npx wrangler login` will do as well)'];
  return (await isSignedIn()) ? [] : ['CLOUDFLARE_API_TOKEN is not set and wrangler is not signed in'];
}

// The suite keeps to namespaces of its own, but an index in use confirms everybody's writes in one order.
function scratchIndexObstacles(env: Environment): string[] {
  const name = 'VIGIL_LIVE_VECTORIZE_INDEX';
  const obstacles = missing(env, name);
  return obstacles.length > 0 || env[name]?.includes('scratch')
    ? obstacles
    : [`${name} is '${env[name]}', whose name does not contain "scratch"`];
}
