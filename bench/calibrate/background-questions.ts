import { createSeededRandom } from '../../local/faults/seeded-random.ts';

const FRAMES = [
  'How do I {}?',
  'How can I {}?',
  'What is the best way to {}?',
  'Can I {}?',
  'Is it possible to {}?',
  'Who may {}?',
  'What happens when I {}?',
  'Why should I {}?',
  'When do I have to {}?',
  'how to {}',
  'Where can I {}?',
  'What does it cost to {}?',
];
const ACTIONS = (
  'create delete rename copy share export import archive restore encrypt compare print translate measure monitor test ' +
  'schedule approve review publish cancel renew upgrade replace repair install configure clean order return rent sell ' +
  'insure report document calculate paint teach photograph'
).split(' ');
const OBJECTS = (
  'an invoice|a subscription|a bank account|a contract|a meeting room|a job offer|a payslip|an expense report|a Worker|' +
  'a database|a table|an index|a container|a cluster|a DNS record|a certificate|a queue|a cron job|a log file|a route|' +
  'a cookie|a request header|a middleware|a template|a web form|a stylesheet|a unit test|a package|a branch|a release|' +
  'a wind tunnel model|a wing section|a pressure probe|a shock tube|a boundary layer survey|a flat plate|a turbine|' +
  'a prescription|a vaccine|a blood test|an inhaler|a hospital stay|a diet plan|a recipe|a birthday cake|a garden|' +
  'a bicycle|a used car|a train ticket|a hotel room|a visa|a passport|a library book|a language course|a school trip|' +
  'a wedding|a house|a roof|a heating system|a washing machine|a laptop|a phone|a printer|a camera|a video|a podcast|' +
  'a newsletter|a survey|a customer list|a marketing campaign|a budget|a tax return|a pension|a mortgage|a donation'
).split('|');
const SUFFIXES = [
  '',
  '',
  '',
  ' in Germany',
  ' for my team',
  ' on a Sunday',
  ' without help',
  ' for free',
  ' from home',
  ' at work',
];

/** Not the run's: embedding others takes minutes. */
const SEED = 1;

/** Questions of many fields in the manner of people, each once: what the cache holds besides. */
export function backgroundQuestions(count: number): string[] {
  const random = createSeededRandom(SEED, 'background questions');
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const questions = new Set<string>();
  while (questions.size < count) {
    questions.add(pick(FRAMES).replace('{}', `${pick(ACTIONS)} ${pick(OBJECTS)}${pick(SUFFIXES)}`));
  }
  return [...questions];
}
