// English words that stand in questions about anything: a text that answers may well put it in others.
//
// Size 10 of SCOWL (http://wordlist.aspell.net), without inflected forms and the words of `common-words.ts`.
// Copyright 2000-2016 by Kevin Atkinson. Permission to use, copy, modify, distribute and sell these word lists, the
// associated scripts, the output created from the scripts, and its documentation for any purpose is hereby granted
// without fee, provided that the above copyright notice appears in all copies and that both that copyright notice and
// this permission notice appear in supporting documentation. Kevin Atkinson makes no representations about the
// suitability of this array for any purpose. It is provided "as is" without express or implied warranty.
const EVERYDAY = `ability absence absolute absolutely abuse academic accept acceptable access accessible accident accidental
accidentally accord accordingly account accuracy accurate achieve acquire act action active activity actual addition
additional address adequate adjust administration admit admittedly adopt advance advantage advertise advice advise
affair affect afford afraid afternoon afterward age agency agree agreement ahead aid aim air alarm album algorithm
alias alive alter alternate alternative alternatively altogether ambiguous amongst amount amuse analog analogue
analysis ancient angle angry animal announce announcement annoy annual anonymous answer anyplace anywhere apart
apologise apologize apology apparent apparently appeal appear appearance apple application apply appreciate approach
appropriate approval approve arbitrary area argue argument arise arithmetic arm army arrange arrangement arrive art
article artificial artist aside asleep aspect assembler assembly assistant associate association assume assumption
assure ate atmosphere attach attack attempt attend attention attitude attract attractive audience author authority
automatic automatically automobile autumn average avoid awake award aware awful awkward background backwards badly
balance ball ban band bank bar base based basic basically basis battery bear beautiful bed beforehand began begun
behalf behave behavior behaviour being believe belong benefit besides bet bid bigger biggest bill binary bind biology
bit bite bitten bizarre black blame blank block blow blue board boat body book boot bore borne borrow bother bottle
bottom bought bound box boy bracket branch brand breach break bridge brief briefly bright broadcast broke broken
brother brought brown bucket budget buffer bug build buildings built bulk bulletin bury bus business busy button buy
byte bytes calculate calculation came campaign candidate capable capacity capital captain card cardboard careful
carefully carry cassette cat catalog catalogue catch category caught cease cell cent center central centre century
certainly chain chair chairman chance channel chaos chapter char character charge cheap cheaper cheapest chemical
cheque child children chip choice chosen church circle circuit circulation circumstance citizen city claim clarify
class clean clearer clearest clearly clever clock closely closer closest club clue code coded coffee cold collapse
collect collection college color colour column combination combine command comment commercial commission commitment
committee commonly communicate communication community company comparable comparatively compare comparison
compatibility compatible competition compiler complain complaint completely complex complexity complicate component
compose composition comprehensive compromise compulsory compute computer concept concern conclusion concrete
condition conference confident confirm confuse confusion connect connection consequence consequently considerable
considerably consideration consist consistency consistent constant constraint construct consumption contact contain
content context continually continuation continue continuous continuously contract contrary contrast contribute
contribution control convenient convention conventional conversation convert convince cope copy core corner
correction correctly corrupt cost council count counter country county couple course court cover crash crazy creation
creature credit crisis crisp critical criticism cross cry cs culture cup cure curious currently cursor customer
cut cycle daily damage danger dangerous dare dark data database date dated datum day dead dealt death debate decade
decent decision declare decrease dedicate deduce deem deep deeply defence defense definite definitely definition
definitive degree delay delete deliberate deliberately deliver delivery demand democratic demonstrate demonstration
department depth derive describe description design desirable desire desk desperate despite destroy detect determine
develop development device devote dictionary die died differ difference differently difficult difficulty digit
digital dinner direct direction director directory dirty disadvantage disagree disappear disaster disc discipline
discount discourage discover discuss discussion disk dislike display distance distant distinct distinction distinctly
distinguish distribute distribution district disturb ditto divide division document documentation doe dog dollar
domain door double doubt doubtful dozen drastic draw drawn dream drew drink drive driven driver drop drove dry
dubious due dumb dump duty dying earlier earliest earth ease easier easiest east eat eaten economic economy edge edit
edition editor education educational effect effective effectively efficient effort eight elect election electric
electronic element elevator elsewhere embarrass emergency emphasis employee empty enable encounter encourage enemy
engineer enjoy enormous enter entire entirely entitle entity entrance entry environment equal equally equipment
equivalent eraser err error escape especially essential essentially establish establishment estimate evenings event
eventually everywhere evidence examine example excellent except exception excess excessive exchange exclude exclusive
excuse execute exercise existence expand expansion expense expensive experience experiment experimental expert
explanation explicit express expression extend extension extensive extent external extract extreme extremely eye face
facility factor fail failure fair fairly faith fall fallen falls false familiar family famous fan fancy farm farther
farthest fashion faster fastest fatal fate father fault favor favorite favour favourite fear feasible feature fed
federal feed feedback feel feet fell felt fewer fewest field fight figure file filed fill film final finally
financial finger finish finite fire firm firmly firstly fiscal fish fit five fix flag flash flat flavor flavour flew
flexible flight float floor flow flown fly folk food foot force foreign forever forget forgot forgotten form formal
format former forth forthcoming fortunately fortune forward found four fourth fraction frame free freedom freely
french frequent frequently fresh friend friendly front fry fully fun function fund fundamental fundamentally funny
furthest future gain game games gap garbage garden gas gasoline gather generate generation genuine girl given glad
glass global gotten government governor gradually graduate grand grant graph graphic grateful grave gray greater
greatest greatly green grew grey grind gross ground group grow grown growth guarantee guard guess gun guy habit hack
hair hall hand handy hang happily happy harder hardest hardly hardware harm harmful harmless hat hate having he head
header health healthy hear heard heart heat heavily heavy held hell helpful hereby herself hid hidden hide higher
highest highly hill him himself hint historical history hit hole holes holiday home honest hope hoped hopefully
horrible horse hospital host hot hotel hour house huge human hundred hundreds hung hunt hurry husband ice ideal
identical identify identity ignore ill illegal image imagination imagine immediate immediately impact implement
implication imply importance important importantly impose impossible impression improve improvement inability
inadequate inch incident incidentally incline include income incompatible incomplete inconsistent inconvenience
incorrect increase indeed independent independently index indicate indication individual individually industrial
industry inevitably inferior infinite influence info inform information initial initially inner innocent input insert
insist install instance instant instantly institution instruction insurance integer integral intelligence intelligent
intend intention interact interest interface internal international interpret interpretation interval intervention
introduce introduction invalid invariably invent investigate invisible invitation invite involve irrelevant irritate
isolate issue item job join joint joke joy judge judgement judgment jump junk justification justify keen kept key
keyboard kid kill kills kindly king knock knowledge known label labor laboratory labour lack lady lain land language
largely larger largest latest latter law lay layout lazy leach lead leader leaf learn learnt lecture led leg legal
legally lend length lesser lesson letter level liable library lie lied life lifetime lift light likewise limit line
linear lines link list listen literally literature live lived load loan local location lock log logic logical longer
longest loop loose lorry lose loss lost loudly love lower lowest luck lucky lunch lying machine magic magnetic
magnitude mail mainly maintain major majority man manager manipulation manner manual map march mark market marriage
marry mass massive master match material mathematical mathematics maximum meaningful meaningless meanings meant
measure mechanic mechanism media medical medium meet meetings member membership memory men mention mere merely merit
mess message messy met metal method middle midnight mile miles military million mine minimal minimum minor minority
minute mislead misled mistake mistaken mistook misunderstand misunderstood misuse mix mod mode model modern modify
moment money monitor month moral morning mornings mostly mother motion mouth movement movie multiple music mysterious
naive name named namely nasty nation national natural naturally nature naughty nearby nearer nearest nearly
necessarily necessity neck negative nervous net network nevertheless nice nicer nicest night nine noise noisy
nonsense north note noted notice notify novel nowadays nowhere numb numbest numerical numerous obey object objection
obscure observation observe obtain obvious obviously occasion occasional occasionally occupy occur odd office officer
official oh oil older oldest omit operate operation operator opinion opportunity oppose opposite opposition optional
ordinary organisation organise organization organize origin original originally ought ours ourselves outer output
overall owe owed owing owner pack package packet page pages paid pain painful pair paper paragraph parallel parent
park partial partially particularly partly party past patch path patient pattern pause pay peace peak peculiar pen
people per perfect perfectly perform performance period permanent permanently permission permit person personal
personally persuade petrol phase phenomenon philosophy phone phrase physical pi pick picture piece pile pint pipe
plain plan planet plant plastic play plea pleasant plenty plot plug plus pocket poem poet pointless police policy
political poll pool poor pop popular population port position positive possibility post postmaster potential
potentially pound power powerful practical practically practice practise precise precisely preferable preferably
preference preparation prepare presence preserve president press pressure presumably presume pretty prevent previous
previously price primary prime primitive principle print printer printout prior private probably procedure process
processor produce product production professional program programme programmer progress project promise prompt
promptly prone proof property proportion proposal propose prospect protect protection protest prove public
publication publicity publicly publish pull pulls punctuation puncture purchase pure purely purpose push putt qualify
quality quantity quarter queue quicker quickest quickly quiet quietly quote race radio rain raise ran random randomly
range rapid rapidly rare rarely rate rates raw re react reaction read readable reader readily ready realise reality
realize reasonable reasonably recall receive recent recently reception recognise recognition recognize recommendation
record recover red reduce reduction redundant refer reference reflect reflection refuse regardless region register
regret regular regularly regulation reject relate relation relationship relative relatively release relevance
relevant reliable religion religious reluctant rely remark remember remind remote remotely removal remove repair
repeat repeatedly replacement reply report represent representation representative reproduce request requirement
research reserve resident resolution resort resource respect respectively respond response responsibility responsible
restart restore restrict retain reveal reverse review rewrite rid ride ridiculous ring rise risk river road role roll
room root rough roughly round route routine row rubber rubbish rule rules rumor rumour rush sad sadly safely safer
safest safety saint sake sale sales sample sat satisfy save saved saw scale scan scene scheme school science
scientific score scrap scratch screen script search season secondary secondly secret secretary section secure
security seek select selection self sell sells seminar send senior sense sensible sensibly sensitive sent sentence
separately sequence serial series serious seriously serve server service session settle seven severe severely sex
shame shape share sharp she sheet shelf shell shift ship shoot shop short shortage shortest shortly shown shut sight
sign signal significance significant significantly silly similarly simpler simplest simultaneous simultaneously
sincerely sit site situation six size sizes skill sleep slight slightly slip slow slower slowest slowly smaller
smallest smile smooth social society soft software sold solely solid solution solve somehow someplace somewhat son
sooner soonest sophisticate sort sought sound source south southern space spare speak speaker specially specifically
speech speed spell spelt spend spent spirit spite split spoke spoken spot spread spring square stable staff stage
stand standard state statement station statistic statistical status stay steal stick stock stone stood storage store
storey story straight straightforward strange strategy stream street strength strict strictly strike string strings
strong strongly struck structure stuck student study stuff stupid style subject submit subsequent subset substantial
substitute subtle succeed success successful successfully sudden suddenly suffer suffice sufficient sufficiently
sugar suggest suggestion suitable suitably sum summary summer sun superior supervisor supply suppose supposedly
surely surface surprise survey survive suspect suspend suspicion switch symbol syntax system table talk tank tape
tapes target task taste taught tax tea teach teacher team technical technique technology tedious teeth telephone
television temperature temporarily temporary tend tendency term terminal terminology terribly test text themselves
then theoretical theory thereby therefore thin thoroughly those thought thousand threat threw throughout throw thrown
thus ticket tie tied tight till tin title today token tomorrow tonight took tooth topic totally touch town trace
track traditional traffic train transfer translate translation transport trap trash travel treat treatment tree trees
trial trick trip trivial trouble truck truly trunk trust truth tune twelve twenty twice tying typical ugly ultimate
ultimately unable unacceptable unaware uncertain unclear undergraduate underneath understand understood unfortunate
unfortunately unhappy uniform unique unit universal university unknown unless unlike unlikely unlimited unnecessarily
unnecessary unpleasant unreasonable unsuitable unusual unwanted update upper upset upwards usage useless utility
utterly vacation vague vaguely valid validity valuable van variable variation variety vary vast vastly vector version
via vice video view virtually virtue visible vision visit vital voice volume vote votes wait walk wall walls war warm
warn wash waste watch water weapon wear weather week weekend weight weird welcome west western whatsoever wheel
whereas whereby whilst white wide widely wider widespread widest wife wild wills win wind window wine winter wire
wise wish withdraw woman women wonderful wooden wore worker world worn worry worse worst worthwhile worthy writer
year yellow yesterday young yours yourself`;

// And those of whoever writes software.
const TRADE = `api app async backend browser callback cd checkbox ci cli click client cloud config configuration configure cpu debug
deploy deployment developer download dropdown email endpoint env export folder framework frontend gui html http icon
id ide import ip javascript js json localhost login logout menu middleware module native offline online os param
parameter parse password plugin popup prefix proxy query ram regex repo repository runtime schema scroll sdk sql ssl
sub suffix sync tag template timeout tls tool ts typescript ui upload uri url username util web webpage website
workflow xml yaml`;

export const EVERYDAY_WORDS: readonly string[] = `${EVERYDAY} ${TRADE}`.split(/\s+/);
