// The countries of ISO 3166-1: code, Korean and English name (Unicode CLDR), flag. A test compares them with a package
// that follows the standard.
import { type Kysely, sql } from 'kysely';

/** Alpha-3, alpha-2, Korean | English. */
const COUNTRIES = `
ABW AW 아루바 | Aruba
AFG AF 아프가니스탄 | Afghanistan
AGO AO 앙골라 | Angola
AIA AI 앵귈라 | Anguilla
ALA AX 올란드 제도 | Åland Islands
ALB AL 알바니아 | Albania
AND AD 안도라 | Andorra
ARE AE 아랍에미리트 | United Arab Emirates
ARG AR 아르헨티나 | Argentina
ARM AM 아르메니아 | Armenia
ASM AS 아메리칸 사모아 | American Samoa
ATA AQ 남극 대륙 | Antarctica
ATF TF 프랑스령 남방 지역 | French Southern Territories
ATG AG 앤티가 바부다 | Antigua & Barbuda
AUS AU 오스트레일리아 | Australia
AUT AT 오스트리아 | Austria
AZE AZ 아제르바이잔 | Azerbaijan
BDI BI 부룬디 | Burundi
BEL BE 벨기에 | Belgium
BEN BJ 베냉 | Benin
BES BQ 네덜란드령 카리브 | Caribbean Netherlands
BFA BF 부르키나파소 | Burkina Faso
BGD BD 방글라데시 | Bangladesh
BGR BG 불가리아 | Bulgaria
BHR BH 바레인 | Bahrain
BHS BS 바하마 | Bahamas
BIH BA 보스니아 헤르체고비나 | Bosnia & Herzegovina
BLM BL 생바르텔레미 | St. Barthélemy
BLR BY 벨라루스 | Belarus
BLZ BZ 벨리즈 | Belize
BMU BM 버뮤다 | Bermuda
BOL BO 볼리비아 | Bolivia
BRA BR 브라질 | Brazil
BRB BB 바베이도스 | Barbados
BRN BN 브루나이 | Brunei
BTN BT 부탄 | Bhutan
BVT BV 부베섬 | Bouvet Island
BWA BW 보츠와나 | Botswana
CAF CF 중앙 아프리카 공화국 | Central African Republic
CAN CA 캐나다 | Canada
CCK CC 코코스 제도 | Cocos (Keeling) Islands
CHE CH 스위스 | Switzerland
CHL CL 칠레 | Chile
CHN CN 중국 | China
CIV CI 코트디부아르 | Côte d’Ivoire
CMR CM 카메룬 | Cameroon
COD CD 콩고-킨샤사 | Congo - Kinshasa
COG CG 콩고-브라자빌 | Congo - Brazzaville
COK CK 쿡 제도 | Cook Islands
COL CO 콜롬비아 | Colombia
COM KM 코모로 | Comoros
CPV CV 카보베르데 | Cape Verde
CRI CR 코스타리카 | Costa Rica
CUB CU 쿠바 | Cuba
CUW CW 퀴라소 | Curaçao
CXR CX 크리스마스섬 | Christmas Island
CYM KY 케이맨 제도 | Cayman Islands
CYP CY 키프로스 | Cyprus
CZE CZ 체코 | Czechia
DEU DE 독일 | Germany
DJI DJ 지부티 | Djibouti
DMA DM 도미니카 | Dominica
DNK DK 덴마크 | Denmark
DOM DO 도미니카 공화국 | Dominican Republic
DZA DZ 알제리 | Algeria
ECU EC 에콰도르 | Ecuador
EGY EG 이집트 | Egypt
ERI ER 에리트리아 | Eritrea
ESH EH 서사하라 | Western Sahara
ESP ES 스페인 | Spain
EST EE 에스토니아 | Estonia
ETH ET 에티오피아 | Ethiopia
FIN FI 핀란드 | Finland
FJI FJ 피지 | Fiji
FLK FK 포클랜드 제도 | Falkland Islands
FRA FR 프랑스 | France
FRO FO 페로 제도 | Faroe Islands
FSM FM 미크로네시아 | Micronesia
GAB GA 가봉 | Gabon
GBR GB 영국 | United Kingdom
GEO GE 조지아 | Georgia
GGY GG 건지 | Guernsey
GHA GH 가나 | Ghana
GIB GI 지브롤터 | Gibraltar
GIN GN 기니 | Guinea
GLP GP 과들루프 | Guadeloupe
GMB GM 감비아 | Gambia
GNB GW 기니비사우 | Guinea-Bissau
GNQ GQ 적도 기니 | Equatorial Guinea
GRC GR 그리스 | Greece
GRD GD 그레나다 | Grenada
GRL GL 그린란드 | Greenland
GTM GT 과테말라 | Guatemala
GUF GF 프랑스령 기아나 | French Guiana
GUM GU 괌 | Guam
GUY GY 가이아나 | Guyana
HKG HK 홍콩(중국 특별행정구) | Hong Kong SAR China
HMD HM 허드 맥도널드 제도 | Heard & McDonald Islands
HND HN 온두라스 | Honduras
HRV HR 크로아티아 | Croatia
HTI HT 아이티 | Haiti
HUN HU 헝가리 | Hungary
IDN ID 인도네시아 | Indonesia
IMN IM 맨섬 | Isle of Man
IND IN 인도 | India
IOT IO 영국령 인도양 지역 | British Indian Ocean Territory
IRL IE 아일랜드 | Ireland
IRN IR 이란 | Iran
IRQ IQ 이라크 | Iraq
ISL IS 아이슬란드 | Iceland
ISR IL 이스라엘 | Israel
ITA IT 이탈리아 | Italy
JAM JM 자메이카 | Jamaica
JEY JE 저지 | Jersey
JOR JO 요르단 | Jordan
JPN JP 일본 | Japan
KAZ KZ 카자흐스탄 | Kazakhstan
KEN KE 케냐 | Kenya
KGZ KG 키르기스스탄 | Kyrgyzstan
KHM KH 캄보디아 | Cambodia
KIR KI 키리바시 | Kiribati
KNA KN 세인트키츠 네비스 | St. Kitts & Nevis
KOR KR 대한민국 | South Korea
KWT KW 쿠웨이트 | Kuwait
LAO LA 라오스 | Laos
LBN LB 레바논 | Lebanon
LBR LR 라이베리아 | Liberia
LBY LY 리비아 | Libya
LCA LC 세인트루시아 | St. Lucia
LIE LI 리히텐슈타인 | Liechtenstein
LKA LK 스리랑카 | Sri Lanka
LSO LS 레소토 | Lesotho
LTU LT 리투아니아 | Lithuania
LUX LU 룩셈부르크 | Luxembourg
LVA LV 라트비아 | Latvia
MAC MO 마카오(중국 특별행정구) | Macao SAR China
MAF MF 생마르탱 | St. Martin
MAR MA 모로코 | Morocco
MCO MC 모나코 | Monaco
MDA MD 몰도바 | Moldova
MDG MG 마다가스카르 | Madagascar
MDV MV 몰디브 | Maldives
MEX MX 멕시코 | Mexico
MHL MH 마셜 제도 | Marshall Islands
MKD MK 북마케도니아 | North Macedonia
MLI ML 말리 | Mali
MLT MT 몰타 | Malta
MMR MM 미얀마 | Myanmar (Burma)
MNE ME 몬테네그로 | Montenegro
MNG MN 몽골 | Mongolia
MNP MP 북마리아나제도 | Northern Mariana Islands
MOZ MZ 모잠비크 | Mozambique
MRT MR 모리타니 | Mauritania
MSR MS 몬트세라트 | Montserrat
MTQ MQ 마르티니크 | Martinique
MUS MU 모리셔스 | Mauritius
MWI MW 말라위 | Malawi
MYS MY 말레이시아 | Malaysia
MYT YT 마요트 | Mayotte
NAM NA 나미비아 | Namibia
NCL NC 뉴칼레도니아 | New Caledonia
NER NE 니제르 | Niger
NFK NF 노퍽섬 | Norfolk Island
NGA NG 나이지리아 | Nigeria
NIC NI 니카라과 | Nicaragua
NIU NU 니우에 | Niue
NLD NL 네덜란드 | Netherlands
NOR NO 노르웨이 | Norway
NPL NP 네팔 | Nepal
NRU NR 나우루 | Nauru
NZL NZ 뉴질랜드 | New Zealand
OMN OM 오만 | Oman
PAK PK 파키스탄 | Pakistan
PAN PA 파나마 | Panama
PCN PN 핏케언 제도 | Pitcairn Islands
PER PE 페루 | Peru
PHL PH 필리핀 | Philippines
PLW PW 팔라우 | Palau
PNG PG 파푸아뉴기니 | Papua New Guinea
POL PL 폴란드 | Poland
PRI PR 푸에르토리코 | Puerto Rico
PRK KP 북한 | North Korea
PRT PT 포르투갈 | Portugal
PRY PY 파라과이 | Paraguay
PSE PS 팔레스타인 지구 | Palestinian Territories
PYF PF 프랑스령 폴리네시아 | French Polynesia
QAT QA 카타르 | Qatar
REU RE 레위니옹 | Réunion
ROU RO 루마니아 | Romania
RUS RU 러시아 | Russia
RWA RW 르완다 | Rwanda
SAU SA 사우디아라비아 | Saudi Arabia
SDN SD 수단 | Sudan
SEN SN 세네갈 | Senegal
SGP SG 싱가포르 | Singapore
SGS GS 사우스조지아 사우스샌드위치 제도 | South Georgia & South Sandwich Islands
SHN SH 세인트헬레나 | St. Helena
SJM SJ 스발바르제도-얀마웬섬 | Svalbard & Jan Mayen
SLB SB 솔로몬 제도 | Solomon Islands
SLE SL 시에라리온 | Sierra Leone
SLV SV 엘살바도르 | El Salvador
SMR SM 산마리노 | San Marino
SOM SO 소말리아 | Somalia
SPM PM 생피에르 미클롱 | St. Pierre & Miquelon
SRB RS 세르비아 | Serbia
SSD SS 남수단 | South Sudan
STP ST 상투메 프린시페 | São Tomé & Príncipe
SUR SR 수리남 | Suriname
SVK SK 슬로바키아 | Slovakia
SVN SI 슬로베니아 | Slovenia
SWE SE 스웨덴 | Sweden
SWZ SZ 에스와티니 | Eswatini
SXM SX 신트마르턴 | Sint Maarten
SYC SC 세이셸 | Seychelles
SYR SY 시리아 | Syria
TCA TC 터크스 케이커스 제도 | Turks & Caicos Islands
TCD TD 차드 | Chad
TGO TG 토고 | Togo
THA TH 태국 | Thailand
TJK TJ 타지키스탄 | Tajikistan
TKL TK 토켈라우 | Tokelau
TKM TM 투르크메니스탄 | Turkmenistan
TLS TL 동티모르 | Timor-Leste
TON TO 통가 | Tonga
TTO TT 트리니다드 토바고 | Trinidad & Tobago
TUN TN 튀니지 | Tunisia
TUR TR 튀르키예 | Türkiye
TUV TV 투발루 | Tuvalu
TWN TW 대만 | Taiwan
TZA TZ 탄자니아 | Tanzania
UGA UG 우간다 | Uganda
UKR UA 우크라이나 | Ukraine
UMI UM 미국령 해외 제도 | U.S. Outlying Islands
URY UY 우루과이 | Uruguay
USA US 미국 | United States
UZB UZ 우즈베키스탄 | Uzbekistan
VAT VA 바티칸 시국 | Vatican City
VCT VC 세인트빈센트그레나딘 | St. Vincent & Grenadines
VEN VE 베네수엘라 | Venezuela
VGB VG 영국령 버진아일랜드 | British Virgin Islands
VIR VI 미국령 버진아일랜드 | U.S. Virgin Islands
VNM VN 베트남 | Vietnam
VUT VU 바누아투 | Vanuatu
WLF WF 왈리스-푸투나 제도 | Wallis & Futuna
WSM WS 사모아 | Samoa
YEM YE 예멘 | Yemen
ZAF ZA 남아프리카 | South Africa
ZMB ZM 잠비아 | Zambia
ZWE ZW 짐바브웨 | Zimbabwe
`;

/** A flag is its alpha-2 code in regional indicator letters. */
const REGIONAL_INDICATOR_A = 0x1f1e6;

function flagOf(alpha2: string): string {
  const letters = alpha2.split('').map((letter) => REGIONAL_INDICATOR_A + letter.charCodeAt(0) - 'A'.charCodeAt(0));
  return String.fromCodePoint(...letters);
}

export async function up(db: Kysely<unknown>): Promise<void> {
  const rows = COUNTRIES.trim()
    .split('\n')
    .map((line) => /^(\w{3}) (\w{2}) (.+) \| (.+)$/.exec(line) ?? []);
  const column = (at: number): string[] => rows.map((row) => row[at] as string);
  const flags = column(2).map(flagOf);
  await sql`insert into countries (code, name_ko, name_en, flag_emoji)
    select * from unnest(${column(1)}::text[], ${column(3)}::text[], ${column(4)}::text[], ${flags}::text[])`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from countries`.execute(db);
}
