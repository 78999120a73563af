/**
 * Words that one person writes where another writes the other and both ask the same. A word may stand in several
 * lines; two words are counterparts when they share one. Base forms only. Never opposites, never a kind and its member.
 */
const GROUPS = `
  delete remove erase drop deletion removal
  create make creation
  write create
  change modify edit alter update adjust modification alteration
  change switch
  replace substitute swap replacement
  add append
  add insert
  add include addition
  add invite
  cancel terminate end cancellation termination
  cancel unsubscribe
  stop quit halt
  begin start commence launch
  start run launch boot
  run execute perform execution
  finish complete end conclude completion
  use utilise utilize employ usage use
  apply application
  enable activate activation
  disable deactivate deactivation
  configure set setup configuration define
  configuration setting settings config
  set define specify assign
  install setup installation
  get obtain receive acquire retrieve fetch
  get read retrieve fetch
  accept take
  find locate discover identify
  find see view
  find search look
  see view display look check
  show display
  verify validate confirm verification validation
  inspect examine view
  monitor watch observe track monitoring
  track trace
  follow trace
  measure determine gauge measurement
  calculate compute determine calculation computation
  estimate predict estimation prediction
  investigate study examine research investigation
  analyse analyze analysis study
  move transfer migrate relocate migration
  send deliver submit
  deliver ship delivery shipping shipment
  submit submission
  save store keep
  store keep hold retain retention storage
  keep maintain
  share distribute
  publish release publication
  release launch
  deploy deployment release
  redeploy redeployment
  revert undo rollback
  restore recover recovery restoration
  repair fix mend
  fix solve resolve correct
  prevent avoid
  block ban
  limit restrict cap constrain restriction limitation
  restrict control
  reduce decrease lower cut lessen reduction minimise minimize
  lower decrease
  increase boost grow
  accelerate speed faster
  assemble build
  divide split
  enrol join
  improve enhance optimise optimize better improvement
  extend expand prolong extension
  delay postpone defer
  allow permit let permission
  allow support
  support offer
  offer provide give have
  grant give
  require need necessary requirement
  want wish
  contain include hold
  comprise include
  connect link connection
  disconnect detach
  merge combine merger
  split divide separate
  divide distribute
  copy duplicate clone
  choose select pick selection choice
  buy purchase
  order purchase
  charge bill invoice
  pay payment
  cost price fee
  price fee
  refund reimburse reimbursement
  request ask
  ask contact
  contact reach call
  contact touch
  tell inform notify notification
  inform alert notify
  alert alarm notification
  explain describe explanation
  happen occur
  cause reason
  cause trigger
  affect influence effect impact
  affect change
  differ difference different
  compare comparison
  separate separation
  depend dependence
  fail break failure
  fail failure crash
  error mistake fault failure bug
  error problem issue
  problem issue trouble
  answer reply response respond
  return output
  handle process treat
  handle catch
  process procedure
  parse read
  upload send
  download get
  invalidate purge clear flush
  clear empty
  renew renewal
  rotate rotation
  authenticate login authentication
  authentication auth
  authorise authorize authorization authorisation
  register signup enroll enrol registration enrollment enrolment
  subscribe signup subscription
  book reserve reservation booking
  schedule timetable
  mount attach
  nest mount
  protect secure guard protection
  hide conceal
  evaluate assess review evaluation assessment
  review check
  approve authorise authorize approval
  resign quit leave resignation
  quit leave
  dismiss dismissal
  hire recruit employ
  refer recommend referral
  recommend suggest advise recommendation
  wear dress
  eat food meal
  drink beverage
  take use
  take consume swallow
  take bring carry
  bring carry
  miss forget skip
  lose misplace
  live reside
  travel trip journey
  drive steer
  enter type input
  enter put
  put place
  put insert
  place location
  locate place
  write compose
  compose author
  debug troubleshoot
  scale resize
  resize size
  size large big
  amount quantity number
  number count
  count total
  maximum max limit upper highest largest
  minimum min lowest smallest
  average mean
  large big
  small little
  quick fast rapid
  fast speed
  slow sluggish
  easy simple
  hard difficult
  often frequently
  frequency often
  always permanently
  temporary temporarily
  automatic automatically
  manual manually
  simultaneous simultaneously concurrent
  simultaneous simultaneously parallel
  global globally
  local locally
  experimental experimentally
  numerical numerically
  theoretical theoretically
  analytical analytically
  annual yearly annually
  several multiple many various
  many numerous
  each every
  every all
  everything all content contents
  some certain specific particular
  other different another
  same identical equal
  similar alike
  new recent
  recent latest last
  last final
  previous earlier prior
  former previous
  current present
  existing present
  present available
  available exist
  possible available
  correct right proper
  wrong incorrect
  valid validity
  secure safe
  safe safely safety
  suitable appropriate fit
  eligible entitled
  ill sick
  illness disease sickness
  doctor physician
  medicine drug medication
  tablet pill
  dose dosage
  child kid
  baby infant
  pregnant pregnancy
  person people
  someone somebody
  anyone anybody
  everyone everybody
  nobody none
  they them their theirs
  he him his
  she her hers
  staff employee personnel
  employer company
  company firm business organisation organization
  colleague teammate coworker
  boss manager supervisor
  friend acquaintance
  job position post
  job task
  work job
  salary pay wage
  payslip paystub
  vacation holiday
  pto vacation
  benefit perk
  insurance coverage
  rule policy regulation
  policy guideline
  agreement contract
  document file
  document paper
  invoice bill
  parcel package
  luggage baggage
  bicycle bike
  car automobile
  plane airplane aeroplane
  phone telephone
  mobile smartphone
  laptop notebook
  app application
  website site
  function method
  parameter argument
  option setting
  variable var
  environment env
  database db
  column field
  row record
  folder directory
  repository repo
  dependency library package
  library package
  endpoint route
  url link
  password passcode
  secret credential
  newsletter mailing
  version release
  cluster fleet
  memory ram
  cpu processor
  timeout deadline
  delay latency
  traffic load
  network net
  internet web
  offline disconnected
  downtime outage
  outage disruption
  language tongue
  picture image photo
  film movie
  coupon voucher promo
  discount rebate
  money cash
  warranty guarantee
  guide manual handbook
  training course
  pupil student
  teacher instructor
  exam test examination
  grade mark
  office workplace
  building premises
  headquarters hq
  country nation
  abroad overseas
  town city
  street road
  near close
  above over
  below under beneath
  before prior
  if when once whenever
  during while
  after following once
  until till
  like similar
  regarding concerning
  because due
  again anew
  together with
  therapy treatment
  treatment cure
  thickness thick
  length long
  height high tall
  width wide
  weight heavy
  strength strong
  heat thermal heating
  speed velocity
  drag resistance
  behaviour behavior behave
  theory theoretical
  experiment test
  technique method
  method way approach procedure
  procedure step
  equation formula
  solution solve
  result outcome finding
  paper publication article
  knowledge information know
  information data detail
  colour color
  centre center
  cancel cancelation
  customise customize adapt custom
  utilisation utilization usage
  initialise initialize initialization
  synchronise synchronize sync synchronization
  serialise serialize serialization
  optimisation optimization
  translate translation
  compress compression
  replicate replication
  encrypt encryption
  decrypt decryption
  execute execution
  connect connection
  distribute distribution
  generate generation produce
  produce make
  stabilise stabilize
  stable stability
  expire expiry expiration
  compensate compensation
  notify notification
`;

const GROUPS_OF: ReadonlyMap<string, readonly number[]> = index(GROUPS);

/** True when some line above has both. */
export function areSynonyms(a: string, b: string): boolean {
  const groups = GROUPS_OF.get(b);
  return groups !== undefined && (GROUPS_OF.get(a)?.some((group) => groups.includes(group)) ?? false);
}

function index(lines: string): Map<string, number[]> {
  const groupsOf = new Map<string, number[]>();
  for (const [group, line] of lines.trim().split('\n').entries()) {
    for (const word of line.trim().split(/\s+/)) groupsOf.set(word, [...(groupsOf.get(word) ?? []), group]);
  }
  return groupsOf;
}
