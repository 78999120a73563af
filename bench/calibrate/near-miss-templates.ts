/** A question with gaps `{}` and what may stand in them: `a|b` makes a near miss out of each. */
export interface NearMissTemplate {
  kind: 'negation' | 'number' | 'entity' | 'direction' | 'antonym' | 'qualifier' | 'swapped-roles';
  /** A whole question, or, when it begins in lower case, what somebody wants to do. */
  text: string;
  swaps: readonly string[];
}

export const NEAR_MISS_TEMPLATES: readonly NearMissTemplate[] = [
  // Negation
  { kind: 'negation', text: 'Which plans {} include phone support?', swaps: ['do|do not', 'do|don’t'] },
  {
    kind: 'negation',
    text: 'Which middleware {} run before the handler?',
    swaps: ['does|does not', 'must|must never'],
  },
  { kind: 'negation', text: 'What happens if a request {} have a body?', swaps: ['does|does not', "does|doesn't"] },
  { kind: 'negation', text: 'Why {} my Worker started?', swaps: ['is|is not', "was|wasn't", "has|hasn't"] },
  { kind: 'negation', text: 'When {} I be charged tax?', swaps: ['will|will not', "will|won't", 'can|cannot'] },
  {
    kind: 'negation',
    text: 'Which employees {} eligible for a bonus?',
    swaps: ['are|are not', "are|aren't", 'were|were never'],
  },
  { kind: 'negation', text: 'Who {} take this medicine?', swaps: ['should|should not', 'may|may not', "can|can't"] },
  { kind: 'negation', text: 'deploy {} a configuration file', swaps: ['with|without'] },
  { kind: 'negation', text: 'sign in {} a password', swaps: ['with|without', 'using|not using'] },
  { kind: 'negation', text: 'take the tablets {} food', swaps: ['with|without'] },
  { kind: 'negation', text: 'restart the cluster {} downtime', swaps: ['with|without', 'with|with no'] },
  {
    kind: 'negation',
    text: 'Which routes {} protected by basic authentication?',
    swaps: ['are|are not', 'should be|should never be'],
  },
  {
    kind: 'negation',
    text: 'In which flows {} viscosity be neglected?',
    swaps: ['can|cannot', 'may|may not', 'should|should not'],
  },
  { kind: 'negation', text: 'For which wings {} the linear theory hold?', swaps: ['does|does not', "did|didn't"] },
  {
    kind: 'negation',
    text: 'Which cookies {} sent to third parties?',
    swaps: ['are|are not', "are|aren't", 'get|never get'],
  },
  {
    kind: 'negation',
    text: 'What costs {} reimbursed on business trips?',
    swaps: ['are|are not', 'will be|will not be'],
  },
  {
    kind: 'negation',
    text: 'Which files {} included in the backup?',
    swaps: ['are|are not', "were|weren't", 'are|are no longer'],
  },
  {
    kind: 'negation',
    text: 'Why {} the cache return stale answers?',
    swaps: ['does|does not', "does|doesn't", "did|didn't"],
  },
  {
    kind: 'negation',
    text: 'What should I do when the patient {} respond to treatment?',
    swaps: ['does|does not', "does|doesn't"],
  },
  { kind: 'negation', text: 'Which countries {} you ship to?', swaps: ['do|do not', "do|don't", 'can|can not'] },
  { kind: 'negation', text: 'Which holidays {} paid?', swaps: ['are|are not', "are|aren't"] },
  {
    kind: 'negation',
    text: 'How do I tell the crawler to {} my pages?',
    swaps: ['index|not index', 'follow|not follow', 'index|never index'],
  },
  {
    kind: 'negation',
    text: 'What experiments {} agree with the theory of thin airfoils?',
    swaps: ['do|do not', 'did|did not'],
  },
  { kind: 'negation', text: 'Which browsers {} supported?', swaps: ['are|are not', "are|aren't", 'are|are no longer'] },
  { kind: 'negation', text: 'When {} an invoice need a VAT number?', swaps: ['does|does not', "does|doesn't"] },
  { kind: 'negation', text: 'Which of my devices {} covered by the warranty?', swaps: ['are|are not', "are|aren't"] },
  {
    kind: 'negation',
    text: 'Which events {} trigger a rebuild?',
    swaps: ['do|do not', "can|can't", 'should|should not'],
  },
  { kind: 'negation', text: 'run a migration {} a lock', swaps: ['with|without', 'taking|without taking'] },
  { kind: 'negation', text: 'What changes {} need a manager’s approval?', swaps: ['do|do not', "do|don't"] },
  { kind: 'negation', text: 'Why did most people {} the course?', swaps: ['finish|not finish', 'like|never like'] },
  { kind: 'negation', text: 'Which courses {} count towards the degree?', swaps: ['do|do not', "will|won't"] },
  {
    kind: 'negation',
    text: 'What {} I bring to the examination?',
    swaps: ['should|should not', 'may|may not', "can|can't"],
  },

  // Other number, version or unit
  { kind: 'number', text: 'upgrade to Node {}', swaps: ['18|20', '20|22', '16|18'] },
  { kind: 'number', text: 'What is new in Python {}?', swaps: ['3.11|3.12', '2|3', '3.9|3.10'] },
  { kind: 'number', text: 'What changed in version {} of the API?', swaps: ['1|2', 'v3|v4', '2.0|2.1', '1.4.0|1.4.1'] },
  {
    kind: 'number',
    text: 'What does error {} mean?',
    swaps: ['404|403', '500|502', '1015|1016', 'TS2345|TS2354', 'E11|E12'],
  },
  { kind: 'number', text: 'migrate a project from Vue {} to Vue 3', swaps: ['1|2'] },
  { kind: 'number', text: 'How do I handle status code {}?', swaps: ['401|403', '301|302', '429|529', '200|204'] },
  {
    kind: 'number',
    text: 'How much does the plan with {} seats cost?',
    swaps: ['5|10', '10|100', 'five|ten', '25|250'],
  },
  { kind: 'number', text: 'What is the drag of a cone at Mach {}?', swaps: ['2|3', '1.5|2.5', '5|8', '0.8|1.8'] },
  {
    kind: 'number',
    text: 'How does a wing behave at an incidence of {} degrees?',
    swaps: ['5|15', '10|20', 'two|twelve'],
  },
  {
    kind: 'number',
    text: 'What is the dose for children under {} years?',
    swaps: ['6|12', '2|12', 'six|twelve', '3|5'],
  },
  { kind: 'number', text: 'Can I take {} tablets a day?', swaps: ['2|4', 'two|three', '3|6', 'one|two'] },
  {
    kind: 'number',
    text: 'What is the dose of the {} tablet?',
    swaps: ['200 mg|400 mg', '5 mg|10 mg', '500 mg|500 g', '20 mg|20 ml'],
  },
  { kind: 'number', text: 'How many vacation days do I get after {} years?', swaps: ['2|5', 'three|five', '1|10'] },
  { kind: 'number', text: 'How do I file my taxes for {}?', swaps: ['2023|2024', '2021|2022'] },
  {
    kind: 'number',
    text: 'What were the sales in the {} quarter?',
    swaps: ['first|second', 'third|fourth', '1st|3rd', '2nd|4th'],
  },
  {
    kind: 'number',
    text: 'Where can I see my invoice for {}?',
    swaps: ['March 2024|March 2023', '1 May|11 May', 'order 1042|order 1024'],
  },
  { kind: 'number', text: 'open port {} in the firewall', swaps: ['80|443', '22|2222', '3306|5432', '8080|8081'] },
  {
    kind: 'number',
    text: 'set a timeout of {}',
    swaps: ['30 seconds|60 seconds', '5 s|5 ms', '30 seconds|30 minutes', '1 hour|2 hours'],
  },
  {
    kind: 'number',
    text: 'upload a file larger than {}',
    swaps: ['5 MB|50 MB', '100 MB|100 GB', '1 GB|2 GB', '10 KB|10 MB'],
  },
  {
    kind: 'number',
    text: 'What is the fee for a transfer of {}?',
    swaps: ['$100|$1,000', '50 euros|500 euros', '€20|$20', '1,500 dollars|15,000 dollars'],
  },
  { kind: 'number', text: 'run {} replicas of a service', swaps: ['2|3', 'two|five', '3|30'] },
  { kind: 'number', text: 'Is a discount of {} possible?', swaps: ['10 %|20 %', '5 percent|15 percent', '10%|100%'] },
  { kind: 'number', text: 'use the HTTP/{} protocol', swaps: ['1.1|2', '2|3'] },
  { kind: 'number', text: 'Does Postgres {} support merge statements?', swaps: ['14|15', '12|16'] },
  { kind: 'number', text: 'What is in step {} of the onboarding?', swaps: ['2|3', 'one|two', 'iv|vi'] },
  { kind: 'number', text: 'What does clause {} of the contract say?', swaps: ['4|14', '7.1|7.2', '3a|3b', 'II|III'] },
  {
    kind: 'number',
    text: 'keep backups for {}',
    swaps: ['7 days|30 days', '7 days|7 weeks', 'one month|one year', '90 days|19 days'],
  },

  // Other product, name or entity
  {
    kind: 'entity',
    text: 'deploy a container on {}',
    swaps: ['AWS|Azure', 'Kubernetes|Nomad', 'Fly.io|Render', 'Google Cloud|Oracle Cloud'],
  },
  {
    kind: 'entity',
    text: 'Does the service support {}?',
    swaps: ['MySQL|PostgreSQL', 'Redis|Memcached', 'SAML|OIDC', 'Kafka|RabbitMQ', 'SQLite|MariaDB'],
  },
  {
    kind: 'entity',
    text: 'read the {} of a request',
    swaps: ['header|body', 'cookie|header', 'path|host', 'query|body', 'method|URL'],
  },
  {
    kind: 'entity',
    text: 'What does `{}` do?',
    swaps: [
      'app.use()|app.get()',
      'c.json()|c.text()',
      'useState|useMemo',
      'npm ci|npm install',
      'kubectl apply|kubectl delete',
    ],
  },
  {
    kind: 'entity',
    text: 'sign in with {}',
    swaps: ['Google|GitHub', 'Apple|Microsoft', 'Facebook|LinkedIn', 'a passkey|a magic link'],
  },
  {
    kind: 'entity',
    text: 'pay by {}',
    swaps: ['PayPal|credit card', 'Visa|Mastercard', 'bank transfer|cheque', 'invoice|direct debit'],
  },
  {
    kind: 'entity',
    text: 'What is the lift of a {} wing?',
    swaps: ['delta|rectangular', 'swept|straight', 'tapered|elliptic', 'gothic|ogee'],
  },
  {
    kind: 'entity',
    text: 'What is the pressure distribution over a {}?',
    swaps: ['cone|cylinder', 'sphere|wedge', 'flat plate|cylinder', 'circular cone|elliptic cone'],
  },
  {
    kind: 'entity',
    text: 'How does {} affect transition?',
    swaps: ['roughness|cooling', 'suction|blowing', 'noise|turbulence', 'sweep|curvature'],
  },
  {
    kind: 'entity',
    text: 'Is {} safe during pregnancy?',
    swaps: ['ibuprofen|paracetamol', 'aspirin|ibuprofen', 'Amoxil|Augmentin', 'the spray|the cream'],
  },
  {
    kind: 'entity',
    text: 'What are the side effects of {}?',
    swaps: ['metformin|insulin', 'the vaccine|the antibiotic', 'penicillin|tetracycline', 'omeprazole|esomeprazole'],
  },
  {
    kind: 'entity',
    text: 'Does this tablet help against {}?',
    swaps: ['headache|toothache', 'fever|cough', 'nausea|dizziness', 'asthma|bronchitis'],
  },
  {
    kind: 'entity',
    text: 'request {} leave',
    swaps: ['parental|sick', 'study|bereavement', 'maternity|paternity', 'annual|sick'],
  },
  {
    kind: 'entity',
    text: 'Who is responsible for {}?',
    swaps: ['payroll|recruiting', 'security|compliance', 'facilities|travel', 'the budget|the roadmap'],
  },
  {
    kind: 'entity',
    text: 'Where is the {} office?',
    swaps: ['Berlin|Munich', 'London|Dublin', 'Tokyo|Osaka', 'Boston|Austin'],
  },
  {
    kind: 'entity',
    text: 'ship a parcel to {}',
    swaps: ['France|Spain', 'Austria|Australia', 'Norway|Sweden', 'Niger|Nigeria'],
  },
  { kind: 'entity', text: 'export a report as {}', swaps: ['CSV|PDF', 'JSON|XML', 'Excel|Word', 'HTML|Markdown'] },
  {
    kind: 'entity',
    text: 'install the app on {}',
    swaps: ['Windows|macOS', 'Android|iOS', 'Ubuntu|Fedora', 'an iPad|an iPhone'],
  },
  {
    kind: 'entity',
    text: 'What does the {} plan cost?',
    swaps: ['Pro|Team', 'Basic|Plus', 'Starter|Enterprise', 'family|student'],
  },
  {
    kind: 'entity',
    text: 'rotate the {} key',
    swaps: ['signing|encryption', 'API|SSH', 'root|account', 'license|host'],
  },
  {
    kind: 'entity',
    text: 'edit `{}`',
    swaps: ['src/app.ts|src/app.js', 'wrangler.toml|package.json', '/etc/hosts|/etc/passwd', '.env|.npmrc'],
  },
  {
    kind: 'entity',
    text: 'configure the "{}" option',
    swaps: ['strict|loose', 'retries|timeout', 'max-age|s-maxage', 'maxItems|maxLength'],
  },
  { kind: 'entity', text: 'write a query in {}', swaps: ['GraphQL|SQL', 'Prisma|Drizzle', 'Cypher|SPARQL'] },
  { kind: 'entity', text: 'book a {}', swaps: ['meeting room|parking space', 'flight|train', 'hotel|rental car'] },
  {
    kind: 'entity',
    text: 'When is the {} due?',
    swaps: ['rent|deposit', 'essay|presentation', 'first invoice|tax return', 'loan|mortgage'],
  },
  {
    kind: 'entity',
    text: 'change my {}',
    swaps: ['username|password', 'email address|phone number', 'avatar|signature', 'shipping address|billing address'],
  },

  // Direction
  { kind: 'direction', text: '{} a database', swaps: ['import|export', 'dump|load', 'back up|restore'] },
  { kind: 'direction', text: 'copy a file {} the server', swaps: ['to|from', 'onto|off', 'into|out of'] },
  {
    kind: 'direction',
    text: 'migrate {}',
    swaps: [
      'from REST to GraphQL|from GraphQL to REST',
      'from Heroku to AWS|from AWS to Heroku',
      'from npm to pnpm|from pnpm to npm',
    ],
  },
  {
    kind: 'direction',
    text: 'What runs {} the handler?',
    swaps: ['before|after', 'behind|in front of', 'above|below'],
  },
  { kind: 'direction', text: 'transfer money {} my savings account', swaps: ['to|from', 'into|out of'] },
  { kind: 'direction', text: 'take the medicine {} meals', swaps: ['before|after', 'during|between'] },
  {
    kind: 'direction',
    text: 'What happens {} the probation period?',
    swaps: ['during|after', 'before|after', 'at the start of|at the end of'],
  },
  { kind: 'direction', text: '{} the latest changes', swaps: ['push|pull', 'commit|revert', 'check in|check out'] },
  { kind: 'direction', text: '{} a message on the queue', swaps: ['send|receive', 'publish|consume', 'push|pop'] },
  {
    kind: 'direction',
    text: '{} the number of replicas',
    swaps: ['increase|decrease', 'raise|lower', 'scale up|scale down'],
  },
  { kind: 'direction', text: 'What is the flow {} of the shock?', swaps: ['upstream|downstream', 'ahead|behind'] },
  {
    kind: 'direction',
    text: 'What is the pressure {} the shock wave?',
    swaps: ['ahead of|behind', 'in front of|behind', 'upstream of|downstream of'],
  },
  {
    kind: 'direction',
    text: 'What are the loads on the {} surface of a wing?',
    swaps: ['upper|lower', 'top|bottom', 'left|right', 'leading|trailing'],
  },
  {
    kind: 'direction',
    text: '{} a file',
    swaps: ['upload|download', 'compress|decompress', 'encrypt|decrypt', 'zip|unzip', 'attach|detach'],
  },
  { kind: 'direction', text: '{} a message with a key', swaps: ['encrypt|decrypt', 'encode|decode', 'sign|verify'] },
  {
    kind: 'direction',
    text: '{} a group',
    swaps: ['add a user to|remove a user from', 'subscribe a user to|unsubscribe a user from'],
  },
  {
    kind: 'direction',
    text: 'convert {}',
    swaps: [
      'JSON to YAML|YAML to JSON',
      'euros to dollars|dollars to euros',
      'PDF into Word|Word into PDF',
      'a string into a number|a number into a string',
    ],
  },
  {
    kind: 'direction',
    text: 'redirect {}',
    swaps: [
      'HTTP to HTTPS|HTTPS to HTTP',
      'www to the apex domain|the apex domain to www',
      'the old URL to the new one|the new URL to the old one',
    ],
  },
  { kind: 'direction', text: '{} the plan', swaps: ['upgrade|downgrade', 'join|leave', 'move to|move away from'] },
  { kind: 'direction', text: 'When can I {} the building?', swaps: ['enter|leave', 'check into|check out of'] },
  {
    kind: 'direction',
    text: 'Is heat transferred {} the wall?',
    swaps: ['to|from', 'into|out of', 'towards|away from'],
  },
  {
    kind: 'direction',
    text: 'travel {}',
    swaps: [
      'from Paris to Lyon|from Lyon to Paris',
      'to the airport|from the airport',
      'north|south',
      'eastbound|westbound',
    ],
  },
  { kind: 'direction', text: 'sort the results in {} order', swaps: ['ascending|descending', 'forward|reverse'] },
  { kind: 'direction', text: 'Which emails were {} last week?', swaps: ['sent|received', 'sent to me|sent by me'] },
  { kind: 'direction', text: 'How do I get {} the mailing list?', swaps: ['on|off', 'onto|off'] },
  { kind: 'direction', text: 'forward calls {} my mobile', swaps: ['to|from'] },
  {
    kind: 'direction',
    text: 'sync contacts {}',
    swaps: ['from Outlook to Gmail|from Gmail to Outlook', 'to the cloud|from the cloud'],
  },
  { kind: 'direction', text: 'What does the data centre {}?', swaps: ['import|export', 'input|output'] },
  {
    kind: 'direction',
    text: 'Is the fee due {} the course starts?',
    swaps: ['before|after', 'until|after', 'when|before'],
  },

  // Antonym
  {
    kind: 'antonym',
    text: '{} notifications',
    swaps: ['enable|disable', 'turn on|turn off', 'mute|unmute', 'show|hide'],
  },
  {
    kind: 'antonym',
    text: '{} a user account',
    swaps: ['create|delete', 'lock|unlock', 'block|unblock', 'activate|deactivate', 'suspend|reinstate'],
  },
  { kind: 'antonym', text: '{} a server', swaps: ['start|stop', 'add|remove', 'connect|disconnect', 'mount|unmount'] },
  {
    kind: 'antonym',
    text: 'Which requests are {}?',
    swaps: ['allowed|denied', 'accepted|rejected', 'authenticated|unauthenticated', 'slow|fast'],
  },
  { kind: 'antonym', text: 'Why is my query so {}?', swaps: ['slow|fast', 'cheap|expensive', 'long|short'] },
  { kind: 'antonym', text: 'Why did the price {}?', swaps: ['rise|fall', 'go up|go down', 'increase|drop'] },
  {
    kind: 'antonym',
    text: 'What makes the flow {}?',
    swaps: [
      'stable|unstable',
      'attached|separated',
      'laminar|turbulent',
      'steady|unsteady',
      'compressible|incompressible',
    ],
  },
  {
    kind: 'antonym',
    text: 'What is the drag at {} speed?',
    swaps: ['high|low', 'subsonic|supersonic', 'constant|varying'],
  },
  {
    kind: 'antonym',
    text: 'What is the heat transfer for a {} wall?',
    swaps: ['hot|cold', 'smooth|rough', 'thick|thin', 'porous|solid', 'cooled|heated'],
  },
  {
    kind: 'antonym',
    text: 'What are the {} of remote work?',
    swaps: ['advantages|disadvantages', 'benefits|drawbacks', 'pros|cons', 'strengths|weaknesses'],
  },
  {
    kind: 'antonym',
    text: 'Is a {} contract possible?',
    swaps: ['permanent|temporary', 'full-time|part-time', 'fixed|flexible'],
  },
  {
    kind: 'antonym',
    text: 'Who can {} a leave request?',
    swaps: ['approve|reject', 'submit|withdraw', 'accept|decline', 'grant|refuse'],
  },
  { kind: 'antonym', text: 'Is this medicine for {} blood pressure?', swaps: ['high|low', 'raised|lowered'] },
  {
    kind: 'antonym',
    text: 'What are the {} side effects?',
    swaps: ['common|rare', 'serious|mild', 'frequent|infrequent'],
  },
  {
    kind: 'antonym',
    text: 'Does caffeine {} the effect?',
    swaps: ['strengthen|weaken', 'increase|reduce', 'speed up|slow down'],
  },
  {
    kind: 'antonym',
    text: 'Which expenses are {}?',
    swaps: [
      'deductible|non-deductible',
      'taxable|tax-free',
      'refundable|nonrefundable',
      'paid|unpaid',
      'covered|uncovered',
    ],
  },
  { kind: 'antonym', text: 'open a {} repository', swaps: ['public|private', 'empty|full', 'local|remote'] },
  { kind: 'antonym', text: 'How do I {} the window?', swaps: ['open|close', 'maximise|minimise', 'lock|unlock'] },
  { kind: 'antonym', text: 'How do I {} a course?', swaps: ['join|leave', 'pass|fail', 'begin|finish'] },
  { kind: 'antonym', text: 'What do I do if I {} weight?', swaps: ['gain|lose'] },
  {
    kind: 'antonym',
    text: 'Which fields are {}?',
    swaps: ['required|optional', 'visible|hidden', 'valid|invalid', 'readable|writable', 'mutable|immutable'],
  },
  { kind: 'antonym', text: 'Are these bugs {}?', swaps: ['open|closed', 'known|unknown', 'old|new', 'major|minor'] },
  {
    kind: 'antonym',
    text: 'What happens when the cache is {}?',
    swaps: ['hot|cold', 'full|empty', 'on|off', 'up|down'],
  },
  {
    kind: 'antonym',
    text: 'Are the results {} for the shells?',
    swaps: ['accurate|inaccurate', 'exact|approximate', 'linear|nonlinear', 'similar|different'],
  },
  {
    kind: 'antonym',
    text: 'Is the account {} by default?',
    swaps: ['enabled|disabled', 'locked|unlocked', 'encrypted|unencrypted'],
  },

  // Qualifier
  {
    kind: 'qualifier',
    text: 'What {} results exist for buckling of shells?',
    swaps: ['theoretical|experimental', 'analytical|numerical', 'early|recent', 'classical|modern'],
  },
  {
    kind: 'qualifier',
    text: 'What is the {} number of connections?',
    swaps: ['minimum|maximum', 'average|maximum', 'current|maximum', 'default|maximum', 'total|minimum'],
  },
  {
    kind: 'qualifier',
    text: 'How do I call the {} API?',
    swaps: ['sync|async', 'synchronous|asynchronous', 'old|new', 'public|internal', 'beta|stable'],
  },
  {
    kind: 'qualifier',
    text: 'What is the {} pressure on the wing?',
    swaps: ['static|dynamic', 'mean|peak', 'total|static', 'local|average'],
  },
  {
    kind: 'qualifier',
    text: 'What does {} flow over a cylinder look like?',
    swaps: ['two-dimensional|three-dimensional', 'viscous|inviscid', 'axial|radial', 'steady|oscillating'],
  },
  {
    kind: 'qualifier',
    text: 'How is the {} stress in a plate computed?',
    swaps: ['thermal|mechanical', 'normal|shear', 'residual|applied', 'tensile|compressive'],
  },
  {
    kind: 'qualifier',
    text: 'What is the {} price?',
    swaps: ['monthly|yearly', 'gross|net', 'regular|reduced', 'weekly|daily', 'old|new'],
  },
  {
    kind: 'qualifier',
    text: 'How do I see my {} invoice?',
    swaps: ['first|last', 'next|previous', 'current|previous', 'oldest|latest', 'draft|final'],
  },
  {
    kind: 'qualifier',
    text: 'Are {} workers paid for holidays?',
    swaps: ['part-time|full-time', 'temporary|permanent', 'hourly|salaried', 'junior|senior', 'seasonal|freelance'],
  },
  {
    kind: 'qualifier',
    text: 'What is the {} dose?',
    swaps: ['daily|weekly', 'starting|maintenance', 'adult|paediatric', 'single|total', 'minimum|usual'],
  },
  {
    kind: 'qualifier',
    text: 'How do I get a {} certificate?',
    swaps: ['wildcard|self-signed', 'free|paid', 'client|server', 'temporary|permanent'],
  },
  {
    kind: 'qualifier',
    text: 'Can I delete {} files?',
    swaps: ['all|some', 'old|new', 'hidden|shared', 'my own|other people’s', 'single|multiple'],
  },
  {
    kind: 'qualifier',
    text: 'Is {} authentication supported?',
    swaps: ['basic|digest', 'two-factor|single-factor', 'mutual|anonymous'],
  },
  {
    kind: 'qualifier',
    text: 'How long are {} logs kept?',
    swaps: ['audit|access', 'raw|aggregated', 'internal|external'],
  },
  {
    kind: 'qualifier',
    text: 'What are the rules for {} travel?',
    swaps: ['domestic|international', 'business|private', 'short|long'],
  },
  {
    kind: 'qualifier',
    text: 'What is the {} fee?',
    swaps: ['late|early', 'one-time|recurring', 'fixed|variable', 'upfront|monthly'],
  },
  {
    kind: 'qualifier',
    text: 'How do I write a {} test?',
    swaps: ['unit|integration', 'fast|slow', 'manual|automated', 'front-end|back-end'],
  },
  {
    kind: 'qualifier',
    text: 'Which cookies are {}?',
    swaps: ['necessary|optional', 'persistent|temporary', 'first-party|third-party'],
  },
  {
    kind: 'qualifier',
    text: 'How do I make a {} copy?',
    swaps: ['deep|shallow', 'full|incremental', 'local|remote', 'physical|digital'],
  },
  {
    kind: 'qualifier',
    text: 'What is the {} Mach number?',
    swaps: ['critical|free-stream', 'local|limiting', 'upper|lower'],
  },
  {
    kind: 'qualifier',
    text: 'How do I log {} errors?',
    swaps: ['only|all', 'client|server', 'expected|unexpected', 'fatal|minor'],
  },
  {
    kind: 'qualifier',
    text: 'Who gets the {} bonus?',
    swaps: ['annual|quarterly', 'individual|team', 'highest|lowest'],
  },
  {
    kind: 'qualifier',
    text: 'run the job {}',
    swaps: ['daily|hourly', 'once|twice', 'manually|automatically', 'in the foreground|in the background', 'now|later'],
  },
  {
    kind: 'qualifier',
    text: 'What is {} on the menu?',
    swaps: ['always|sometimes', 'least expensive|most expensive', 'more popular|less popular'],
  },

  // Swapped roles
  {
    kind: 'swapped-roles',
    text: 'What is the effect of {}?',
    swaps: [
      'heat transfer on the boundary layer|the boundary layer on heat transfer',
      'sleep on diet|diet on sleep',
      'latency on throughput|throughput on latency',
      'pressure on temperature|temperature on pressure',
      'the wing on the tail|the tail on the wing',
      'price on demand|demand on price',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'How does {}?',
    swaps: [
      'the server notify the client|the client notify the server',
      'the fuselage influence the wing|the wing influence the fuselage',
      'alcohol affect the antibiotic|the antibiotic affect alcohol',
      'stress cause illness|illness cause stress',
      'the queue call the worker|the worker call the queue',
      'a manager rate an employee|an employee rate a manager',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'Is {}?',
    swaps: [
      'Redis faster than Postgres|Postgres faster than Redis',
      'tea healthier than coffee|coffee healthier than tea',
      'the Pro plan cheaper than the Team plan|the Team plan cheaper than the Pro plan',
      'the cone hotter than the cylinder|the cylinder hotter than the cone',
      'REST simpler than GraphQL|GraphQL simpler than REST',
      'a loan better than a lease|a lease better than a loan',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'Can {}?',
    swaps: [
      'a team contain a project|a project contain a team',
      'an admin impersonate a user|a user impersonate an admin',
      'a landlord sue a tenant|a tenant sue a landlord',
      'a child component update its parent|a parent component update its child',
      'a class extend an interface|an interface extend a class',
      'employees review their managers|managers review their employees',
    ],
  },
  {
    kind: 'swapped-roles',
    text: '{}',
    swaps: [
      'use React inside Angular|use Angular inside React',
      'replace MySQL with Postgres|replace Postgres with MySQL',
      'call Rust from Python|call Python from Rust',
      'embed a chart in a table|embed a table in a chart',
      'run Docker in a VM|run a VM in Docker',
      'swap butter for oil|swap oil for butter',
      'mount a volume on a disk|mount a disk on a volume',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'Should I {}?',
    swaps: [
      'take the tablet before the syrup|take the syrup before the tablet',
      'run tests before linting|run linting before tests',
      'eat before exercise|exercise before eating',
      'pay the rent before the deposit|pay the deposit before the rent',
      'migrate the data before the schema|migrate the schema before the data',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'Who {}?',
    swaps: [
      'pays the agent for the owner|pays the owner for the agent',
      'reports to the manager about the team|reports to the team about the manager',
      'sends the invoice to the customer with the order|sends the order to the customer with the invoice',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'What happens if {}?',
    swaps: [
      'the primary loses the replica|the replica loses the primary',
      'the tenant cancels on the host|the host cancels on the tenant',
      'a mother infects her baby|a baby infects her mother',
      'the cache is newer than the database|the database is newer than the cache',
      'the buyer owes the seller|the seller owes the buyer',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'translate {}',
    swaps: [
      'English into German|German into English',
      'a map into an array|an array into a map',
      'French texts to Italian|Italian texts to French',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'What is the ratio of {}?',
    swaps: [
      'lift to drag|drag to lift',
      'debt to equity|equity to debt',
      'reads to writes|writes to reads',
      'length to diameter|diameter to length',
      'students to teachers|teachers to students',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'How is {}?',
    swaps: [
      'a document linked to a folder|a folder linked to a document',
      'the fin attached to the body|the body attached to the fin',
      'income deducted from tax|tax deducted from income',
      'a key derived from a password|a password derived from a key',
      'a user mapped to a role|a role mapped to a user',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'What is the influence of {}?',
    swaps: [
      'vortices on shock waves|shock waves on vortices',
      'camber on thickness|thickness on camber',
      'age on income|income on age',
      'memory on speed|speed on memory',
      'teachers on pupils|pupils on teachers',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'Does {}?',
    swaps: [
      'the API need the worker|the worker need the API',
      'a dog chase a cat|a cat chase a dog',
      'inflation drive wages|wages drive inflation',
      'the plugin load the theme|the theme load the plugin',
      'a gateway depend on a router|a router depend on a gateway',
      'the spouse insure the employee|the employee insure the spouse',
    ],
  },
  {
    kind: 'swapped-roles',
    text: 'What is the temperature of {}?',
    swaps: ['the gas in the liquid|the liquid in the gas', 'the wall behind the shock|the shock behind the wall'],
  },
  {
    kind: 'swapped-roles',
    text: 'How do I {}?',
    swaps: [
      'subtract the discount from the fee|subtract the fee from the discount',
      'put a form inside a dialog|put a dialog inside a form',
      'import the library into the component|import the component into the library',
      'push the branch onto the fork|push the fork onto the branch',
      'divide the mass by the volume|divide the volume by the mass',
    ],
  },
];
