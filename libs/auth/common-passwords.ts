/** Passwords of twelve characters and more that leaked lists rank high, and short ones written twice. Lower case, as they are compared. */
const LEAKED = `
123456789012 1234567890123 12345678901234 123456789abc 1234567890ab 123123123123 111111111111 000000000000 112233445566 121212121212 123321123321
passwordpassword password1234 password12345 password123456 password2024 password2025 password2026 passw0rd1234 p@ssw0rd1234 p@ssword1234 password@123 password@1234 mypassword123
qwertyuiopas qwertyuiop12 qwertyuiop123 qwerty123456 qwerty1234567 qwertyqwerty qwerty12345678 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv zaq12wsxcde3 q1w2e3r4t5y6 asdfghjkl123 asdfasdfasdf zxcvbnm12345 zxcvbnmasdfgh
iloveyou1234 iloveyou12345 iloveyouforever iloveyousomuch iloveyou2024 iloveyou2025 iloveindia123 ilovemyfamily ilovemymother loveyouforever mylovemylife
welcome12345 welcome123456 welcome@1234 letmein12345 letmeinletmein changeme1234 trustno1trustno1 administrator admin1234567 admin12345678 admin@123456 administrator1 adminadmin123 superadmin123 rootrootroot testtesttest test12345678 testing12345 guest1234567
football1234 baseball1234 basketball12 liverpool123 liverpoolfc1 manchester12 manchesterunited chelseafc1234 cricketcricket sachintendulkar tendulkar1234 viratkohli18 viratkohli123 mumbaiindians chennaisuperkings royalchallengers
dragon123456 monkey123456 sunshine1234 princess1234 superman1234 batman123456 spiderman123 pokemon12345 starwars1234 harrypotter1 masterofpuppets computer1234 internet1234 whatever1234 michael12345 jennifer1234
abcd12345678 abcdefgh1234 abc123abc123 abc123456789 a1b2c3d4e5f6 aaaaaaaaaaaa aabbccddeeff abcdabcdabcd abcabcabcabc
india1234567 india@123456 incredibleindia indiaindia123 bharatmatakijai jaihind12345 jaishreeram1 jaishreeram108 jaimatadi1234 jaimatadi123 omnamahshivaya harekrishna1 harekrishna108 omsairam1234 omsairam108 waheguru1234 bismillah786 bismillah1234 mashallah786 krishna12345 ganesha12345 lakshmi12345 saibaba12345 radhakrishna radheradhe12 shivshakti12 hanuman12345 allahuakbar1
samsung12345 android12345 facebook1234 instagram123 whatsapp1234 google123456 youtube12345 flipkart1234 amazon123456 myntra123456
mummypapa123 mummydaddy12 momanddad123 papamummy123 mummypapa1234 sweetheart12 sweety123456 babygirl1234 princess12345 password1111 secret123456 secretsecret
correcthorsebatterystaple thisisapassword thisismypassword mypasswordis1 nopassword123 passwordpasswordpassword
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(LEAKED.trim().split(/\s+/));

/** Words that become twelve characters by digits and signs around them. */
const WORDS = `
password passwd passwort pass admin administrator root user guest test testing login welcome letmein changeme default secret master qwerty qwertyuiop asdfgh asdfghjkl zxcvbnm
iloveyou loveyou mylove lovely love sweetheart sweety darling baby babygirl princess angel sunshine flower butterfly rainbow dragon monkey tiger lion eagle shadow superman batman spiderman
football cricket baseball basketball hockey soccer liverpool chelsea arsenal barcelona manchester india indian bharat hindustan mumbai delhi bangalore bengaluru chennai kolkata hyderabad pune
krishna ganesha ganesh shiva hanuman lakshmi saraswati durga saibaba sairam radhe radhakrishna jaishreeram jaishriram jaimatadi waheguru bismillah allah jesus jesuschrist
sachin virat kohli dhoni rohit rahul priya pooja neha amit sumit rohan ankit deepak sandeep sanjay vijay ajay suresh ramesh rajesh mahesh
computer internet samsung nokia iphone android google facebook instagram whatsapp youtube flipkart amazon myntra paytm microsoft windows hello helloworld whatever freedom hacker money lucky
summer winter spring autumn monsoon january february march april june july august september october november december monday friday sunday
mummy papa daddy mother father family friend friends bestfriend mummypapa
`;

export const COMMON_WORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));
