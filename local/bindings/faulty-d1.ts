import * as z from 'zod';
import type { AskGate } from './ask-gate.ts';

type Operation = 'query' | 'batch' | 'exec';
/** Throws as the binding does when its database fails. */
type Admit = (operation: Operation) => Promise<void>;

const answerSchema = z.object({ success: z.boolean(), error: z.string().optional() });

/** The database, asking before each call. A session's statements and batches count as the database's own. */
export function createFaultyD1(db: D1Database, ask: AskGate): D1Database {
  const admit = createAdmit(ask);
  return {
    ...preparing(db, admit),
    async exec(sql) {
      await admit('exec');
      return db.exec(sql);
    },
    withSession(constraintOrBookmark) {
      const session = db.withSession(constraintOrBookmark);
      return { ...preparing(session, admit), getBookmark: () => session.getBookmark() };
    },
    dump: () => db.dump(),
  };
}

function preparing(real: Pick<D1Database, 'prepare' | 'batch'>, admit: Admit): Pick<D1Database, 'prepare' | 'batch'> {
  return {
    prepare: (sql) => new FaultyStatement(real.prepare(sql), admit),
    async batch<T>(statements: D1PreparedStatement[]) {
      await admit('batch');
      return real.batch<T>(statements.map(FaultyStatement.realOf));
    },
  };
}

class FaultyStatement implements D1PreparedStatement {
  readonly #real: D1PreparedStatement;
  readonly #admit: Admit;

  constructor(real: D1PreparedStatement, admit: Admit) {
    this.#real = real;
    this.#admit = admit;
  }

  /** A batch takes the runtime's own statements only. */
  static realOf(statement: D1PreparedStatement): D1PreparedStatement {
    return #real in statement ? statement.#real : statement;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new FaultyStatement(this.#real.bind(...values), this.#admit);
  }

  first<T = unknown>(column: string): Promise<T | null>;
  first<T = Record<string, unknown>>(): Promise<T | null>;
  async first<T>(column?: string): Promise<T | null> {
    await this.#admit('query');
    return column === undefined ? this.#real.first<T>() : this.#real.first<T>(column);
  }

  async run<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    await this.#admit('query');
    return this.#real.run<T>();
  }

  async all<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    await this.#admit('query');
    return this.#real.all<T>();
  }

  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
  async raw<T>(options: { columnNames?: boolean } = {}): Promise<[string[], ...T[]] | T[]> {
    await this.#admit('query');
    return options.columnNames ? this.#real.raw<T>({ columnNames: true }) : this.#real.raw<T>();
  }
}

function createAdmit(ask: AskGate): Admit {
  return async (operation) => {
    const failure = await failureOf(ask(operation));
    if (failure === null) return;
    const prefix = operation === 'exec' ? 'D1_EXEC_ERROR' : 'D1_ERROR';
    throw new Error(`${prefix}: ${failure}`, { cause: new Error(failure) });
  };
}

/** What the binding says went wrong, which is a lost connection or an answer nobody can read too. */
async function failureOf(answering: Promise<Response>): Promise<string | null> {
  try {
    const answer = readAnswer(await (await answering).text());
    return answer.success ? null : (answer.error ?? 'Something went wrong');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readAnswer(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(`Failed to parse body as JSON, got: ${text}`);
  }
}
