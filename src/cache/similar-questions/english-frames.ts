/**
 * How people wrap what they ask for. Each phrase is replaced by what it comes to: `?how` and the like say what kind of
 * answer is wanted, words stand for themselves, nothing is politeness. Earlier ones win; all read lower case.
 */
export const FRAMES: readonly (readonly [RegExp, string])[] = [
  // Contractions
  [/\bcan(?:'t|not)\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/n't\b/g, ' not'],
  [/\b(what|who|where|when|how|why|it|that|there|here)'s\b/g, '$1 is'],
  [/\b(i)'m\b/g, '$1 am'],
  [/'(?:d|ll|ve|re)\b/g, ''],
  [/'s?(?!\p{L})/gu, ''],

  // Politeness and what leads up to the question
  [/\b(?:can|could|would|will) you (?:please )?(?:tell|show|help|explain to|let) (?:me|us)(?: know)?\b/g, ''],
  [/\b(?:can|could|would|will) you (?:please )?(?:explain|describe)\b/g, 'explain'],
  [/\b(?:please )?(?:tell|show|help) (?:me|us)\b/g, ''],
  [/\b(?:do you know|any idea|i wonder|i would like to know|i like to know|i want to know|i need to know)\b/g, ''],
  [/\bcan anyone (?:tell|explain)(?: me)?\b/g, ''],

  // `Only`, and what merely softens
  [/\bjust (?=want|need|wonder|like|got|started|a quick)/g, ''],
  [/\bjust\b/g, 'only'],
  [/\btoo(?= ?(?:[?.;,!]|$))/g, ''],

  // `One` that is no number
  [/\b(the|this|that|which|each|every|any|no|another|new|old) one\b/g, '$1'],
  [/\bone(?= ?(?:[?.;,]|$))/g, ''],

  // What something is
  [/\bwhat is meant by\b/g, '?what'],
  [/\bwhat (?:does|do) ([^?.;]+?) (?:mean|stand for)\b/g, '?what $1'],
  [/\b(?:what is the )?(?:meaning|definition) of\b/g, '?what'],
  [/^(?:please )?(?:define|describe|explain)\b(?: to me)?(?: what)?(?! how| why| when| where| who)/g, '?what'],
  [/\bwhat (?:is|are) ([^?.;]+?) (?:used |good )?for(?= ?(?:[?.;]|$))/g, '?what purpose of $1'],
  [/\bwhat (?:does|do) ([^?.;]+?) do(?= ?(?:[?.;]|$))/g, '?what purpose of $1'],
  [/\bwhat (?:should|do|must|can|shall) (?:i|we|you|one) do (?=if\b|when\b|in case\b)/g, '?what do '],
  [/\bwhat happens (?=if\b|when\b|in case\b)/g, '?what happen '],
  [/\bin case\b/g, 'if'],

  // Differences
  [/\bwhat (?:is|are) the (?:main )?differences? between\b/g, '?how differ'],
  [/\bhow (?:do|does|is|are) ([^?.;]+?) (?:differ|different)(?: from)?\b/g, '?how differ $1 and'],
  [/\bexplain (?=how|why|when|where|who)/g, ''],

  // With what
  [/(?<=\b(?:i|to) )(?:use|using) ((?:[^\s?.;,]+ ){1,3})to (?!the |an? |my )([^?.;,]+)/g, '$2 with $1'],

  // How, and whether it can be done: the same passages answer both
  [
    /\bwhat is (?:the |a )?(?:(?:right|best|correct|proper|recommended|usual|good|general|official) )?(?:way|method|procedure|process|steps?|command|approach|instructions?|technique) (?:to|for|of)\b/g,
    '?how',
  ],
  [
    /\bwhat are (?:the |some )?(?:(?:right|best|correct|proper|recommended|usual|good|general|official) )?(?:ways|methods|steps|instructions|procedures) (?:to|for|of)\b/g,
    '?how',
  ],
  [
    /\b(?:what|which) (?:steps|command) (?:do i need to|do i have to|should i|must i|do i|can i) (?:take|follow|use|run) to\b/g,
    '?how',
  ],
  [/\bwhat (?:do|must|should|can) (?:i|we|you|one) (?:need to |have to )?do (?:in order )?to\b/g, '?how'],
  [/\bwhat (?:needs|has) to be done (?:in order )?to\b/g, '?how'],
  [
    /\b(?:is there|do you have|are there) (?:a|any|some) (?:(?:right|best|correct|proper|recommended|usual|good|general|official) )?ways? (?:to|of|for)\b/g,
    '?how',
  ],
  [/\b(?:in (?:what|which) (?:way|manner)|by what means)\b/g, '?how'],
  [/\bis it (?:possible|feasible|allowed|permitted|okay|ok) (?:for (?:me|us) )?to\b/g, '?can'],
  [/\b(?:am i|are we) (?:able|allowed|permitted) to\b/g, '?can'],
  [/\bhow (?:do|can|could|would|should|might|must|may|to)(?: (?:i|we|you|one))?(?: go about)?(?= )/g, '?how'],
  [/\bhow (?:is|are|was|were) (?:it|this|that) (?:done|possible)\b/g, '?how'],
  [/\bwhere (?:can|do|could|may) (?:i|we|you|one) find\b/g, '?where'],
  [/\bwhere (?:can|do|could) (?:i|we|you|one) (?=get\b|see\b|look\b|view\b|download\b)/g, '?how '],
  [/(?<!\b(?:do|does|did) )\b(?:i|we) (?:would like|want|need|wish|am trying|are trying|try|like) to\b/g, '?how'],
  [/\b(?:steps|instructions|way|guide|procedure) (?:to|for|on)\b/g, '?how'],
  [/\bwhat (?:is|are) the (?:effect|influence|impact)s? of ([^?.;]+?) on\b/g, '?how $1 affect'],
  [/\bwhat (?:effect|influence|impact)s? (?:does|do|has|have) ([^?.;]+?) (?:have )?on\b/g, '?how $1 affect'],
  [/^(?:is|are) ([^?.;]+?) (?:allowed|permitted|possible)\b/g, '?can $1'],
  [/^(?:can|could|may|might)(?: (?:i|we|you|one))?\b/g, '?can'],

  // How much of it
  [/\bwhat (?:does|do|did|will|would) ([^?.;]+?) cost\b/g, '?what price of $1'],
  [/\bhow (?:much|expensive) (?:does|do|will|would) ([^?.;]+?) cost\b/g, '?what price of $1'],
  [/\bhow (?:much|expensive) (?:is|are)\b/g, '?what price of'],
  [/\bhow often\b|\bhow frequently\b|\bhow many times\b/g, '?frequency'],
  [/\b(?:how long|how much time) (?:does|do|will|would|did) ([^?.;]+?) take\b/g, '?duration $1'],
  [/\bwhat is the ([^?.;]+?) (?:time|period|duration)\b/g, '?duration $1'],
  [/\bhow long\b|\bhow much time\b|\bwhat is the (?:length|duration) of\b|\bfor what period\b/g, '?duration'],
  [/\bhow (?:big|large) (?:is|are|can|may|could)\b/g, '?what size of'],
  [/\bhow (?:big|large)\b/g, 'size of'],
  [/\bhow thick (?:is|are|can|may)\b/g, '?what thickness of'],
  [/\bhow heavy (?:is|are|can|may)\b/g, '?what weight of'],
  [/\bhow (?:tall|high) (?:is|are|can|may)\b/g, '?what height of'],
  [/\bhow fast (?:is|are|can|may)\b/g, '?what speed of'],
  [/\bhow old (?:is|are)\b/g, '?what age of'],
  [/\bhow far (?:is|are)\b/g, '?what distance of'],
  [
    /\bhow (?:many|much)\b|\bwhat (?:number|amount|quantity) of\b|\bwhat is the (?:number|amount|quantity) of\b/g,
    '?quantity',
  ],
  [/\bwhat is the (?:(start|end|due|delivery) )?(?:date|time) (of|for)\b/g, '?when $1 $2'],
  [/\b(?:at |by )?(?:what|which) time\b/g, '?when ?time'],
  [/\b(?:on |by )?(?:what|which) (?:date|day)\b/g, '?when ?day'],
  [/\b(?:at|by|in) (?:what|which) (?:point|moment)\b/g, '?when'],

  // Why, where, who
  [/\bwhere (?:is|are) ([^?.;]+?) (?:located|situated|found)\b/g, '?where $1'],
  [/\bwho(?:m)? (?:should|do|can|must|may) (i|we)\b/g, '?who $1'],
  [
    /\bwhat is the (?:reason|cause)s? (?:for|of|that|why)\b|\bfor (?:what|which) reasons?\b|\bhow come\b|\bwhat (?:causes|makes)\b/g,
    '?why',
  ],
  [/\b(?:in|at|on|to) (?:what|which) (?:place|location|page|folder|directory|spot)\b/g, '?where'],
  [/\bwhat is the location of\b/g, '?where'],
  [/\b(?:which|what) (?:person|people)\b/g, '?who'],

  // Must and should
  [
    /\b(?:is it|would it be) (?:necessary|required|mandatory|compulsory|obligatory|needed)(?: for (?:me|us))? to\b/g,
    '?must',
  ],
  [/\b(?:am i|are we|is one) (?:required|obliged|supposed|expected|forced) to\b/g, '?must'],
  [/\b(?:have|has|had|need|needs|required) to\b|\bmust\b/g, '?must'],
  [/\b(?:should|ought to|is it (?:advisable|recommended) to)\b/g, '?should'],

  // What adds nothing
  [/(?<=\b(?:what|which) )(?:kind|type|sort)s? of\b/g, ''],
  [/(?<=\b(?:is|are) )(?:currently )?available(?= ?(?:[?.;]|$|for\b|in\b|on\b))/g, ''],
  [/\bexists?(?= ?(?:[?.;]|$|for\b|in\b|on\b))/g, ''],

  // One thing in two words
  [/\b(?:get|gain|have|obtain) access to\b/g, 'access'],
  [/\bmake use of\b/g, 'use'],
  [/\bmake (?:sure|certain)\b/g, 'ensure'],
  [/\b(?:keep track of|keep an eye on)\b/g, 'track'],
  [/\b(?:throw|throwing|thrown) (?:away|out)\b/g, 'discard'],
  [/\b(?:get|bring|bringing) back\b/g, 'restore'],
  [/\b(?:give|send|giving|sending) back\b/g, 'return'],
  [/\b(?:hand|handing) over\b/g, 'transfer'],
  [/\b(?:put|putting) off\b/g, 'postpone'],
  [/\b(?:put|putting) together\b/g, 'assemble'],
  [/\b(?:take|taking|taken) apart\b/g, 'disassemble'],
  [/\b(?:point|pointing) out\b/g, 'show'],
  [/\b(?:come|comes|coming) with\b/g, 'include'],
  [/\b(?:deal|dealing) with\b/g, 'handle'],
  [/\b(?:split|splitting) up\b/g, 'split'],
  [/\b(?:print|printing) out\b/g, 'print'],
  [/\bmake ((?:[^\s?.;,]+ ){1,3})(?:faster|quicker)\b/g, 'accelerate $1'],
  [/\b(?:log|logging|logged|sign|signing|signed)[ -]?(?:in|on)\b/g, 'login'],
  [/\b(?:log|logging|logged|sign|signing|signed)[ -]?(?:out|off)\b/g, 'logout'],
  [/\bsign(?:ing|ed)?[ -]?up\b/g, 'signup'],
  [/\b(?:switch|turn|switching|turning) on\b/g, 'enable'],
  [/\b(?:switch|turn|switching|turning) off\b/g, 'disable'],
  [/\b(?:turned|switched) on\b/g, 'enabled'],
  [/\b(?:turned|switched) off\b/g, 'disabled'],
  [/\bbe set[ -]up\b/g, 'be configured'],
  [/\bset(?:ting)?[ -]up\b/g, 'configure'],
  [/\b(?:get|getting) rid of\b/g, 'delete'],
  [/\b(?:find|finding|found) out\b/g, 'find'],
  [/\b(?:look|looking) up\b/g, 'find'],
  [/\bget (?:in touch with|in contact with|hold of)\b/g, 'contact'],
  [/\b(?:roll|rolling|rolled) back\b/g, 'rollback'],
  [/\b(?:go|goes|going) back to\b/g, 'rollback'],
  [/\b(?:back|backing|backed) up\b/g, 'backup'],
  [/\b(?:speed|speeding) up\b/g, 'accelerate'],
  [/\b(?:slow|slowing) down\b/g, 'decelerate'],
  [/\b(?:carry|carrying|carried) out\b/g, 'perform'],
  [/\b(?:fill|filling|filled) (?:in|out)\b/g, 'complete'],
  [/\b(?:hand|handing|handed|turn|turning) in\b/g, 'submit'],
  [/\b(?:call|calling|called) off\b/g, 'cancel'],
  [/\b(?:run|runs|running|ran) out of\b/g, 'exhaust'],
  [/\btake(?:s|n)? place\b|\btaking place\b/g, 'happen'],
  [/\b(?:is|are|does|do|has|was|were) not (?:work|working|worked)\b/g, 'fail'],
  [/\b(?:at|by) (?:the )?default\b/g, 'default'],
  [/\bas well as\b| ?& ?/g, ' and '],
  [/\b(?:prior to|ahead of time of)\b/g, 'before'],
  [/\b(?:such as|for example|for instance)\b/g, 'like'],
  [/\bin order to\b/g, 'to'],
  [/\b(?:by means of|with the help of|by using|using|via|through)\b/g, 'with'],
  [/\b(is|are|was|were) there\b/g, '$1'],
  [/\bwith no\b/g, 'without'],
  [/\b(?:do|does) (?:you|we) (?:have|offer|provide)\b/g, 'is there'],
  [/\bversion (?=v?\d)/g, ''],
  [/\bmore than one\b|\ba few\b/g, 'several'],
  [/\bat most\b|\bno more than\b|\bup to\b/g, 'maximum'],
  [/\bat least\b|\bno less than\b|\bno fewer than\b/g, 'minimum'],
  [/\btwo[ -]factor(?: authentication)?\b/g, '2fa'],
  [/\be-mail\b/g, 'email'],
  [/\bweb[ -]site\b/g, 'website'],
  [/\bjson web token\b/g, 'jwt'],
  [/\bsingle sign-on\b/g, 'sso'],
  [/\ba lot of\b|\blots of\b/g, 'many'],
];

/** Sentence-initial words that ask for a yes or a no. */
export const YES_NO_STARTS: ReadonlySet<string> = new Set(
  'is are am does do did has have was were will would'.split(' '),
);
