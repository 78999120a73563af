export interface Progress {
  /** `done` of the total are finished; `note` says what is going on now. */
  update(done: number, note?: string): void;
  end(): void;
}

/** What a command tells its reader: people by lines and progress bars, machines by JSON. */
export interface Output {
  readonly json: boolean;
  line(text: string): void;
  /** Something went wrong: always on standard error. */
  problem(text: string): void;
  /** One JSON line on standard output with `--json`; nothing otherwise. */
  record(value: unknown): void;
  progress(label: string, total: number): Progress;
}

export interface OutputStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** With `json`, standard output belongs to machines and people's lines go to standard error. */
export function createOutput(options: { json: boolean; stdout: OutputStream; stderr: OutputStream }): Output {
  const { json, stdout, stderr } = options;
  const human = json ? stderr : stdout;
  return {
    json,
    line: (text) => void human.write(`${text}\n`),
    problem: (text) => void stderr.write(`${text}\n`),
    record: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    progress: (label, total) =>
      human.isTTY === true ? barProgress(human, label, total) : lineProgress(human, label, total),
  };
}

const BAR_WIDTH = 28;
const DEFAULT_COLUMNS = 80;

function barProgress(stream: OutputStream, label: string, total: number): Progress {
  let ended = false;
  return {
    update: (done, note = '') => {
      if (ended) return;
      const filled = total === 0 ? BAR_WIDTH : Math.floor((done / total) * BAR_WIDTH);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
      const text = `${label} ${bar} ${done}/${total} ${note}`.slice(0, (stream.columns ?? DEFAULT_COLUMNS) - 1);
      stream.write(`\r\x1b[K${text}`);
    },
    end: () => {
      if (!ended) stream.write('\n');
      ended = true;
    },
  };
}

/** Without a terminal: a line whenever another tenth is finished, so that a log stays short. */
function lineProgress(stream: OutputStream, label: string, total: number): Progress {
  let lastTenth = 0;
  return {
    update: (done, note = '') => {
      const tenth = total === 0 ? 10 : Math.floor((done * 10) / total);
      if (tenth <= lastTenth) return;
      lastTenth = tenth;
      stream.write(`${label} ${done}/${total}${note === '' ? '' : ` ${note}`}\n`);
    },
    end: () => {},
  };
}
