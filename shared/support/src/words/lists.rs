//! The phrases. All in small letters, without accents, and with "not" in full.

/// Short forms with a "not" in them, and what stands before it.
pub(super) const NOT_SHORT: &[(&str, &str)] = &[
    ("dont", "do"),
    ("doesnt", "does"),
    ("doesn", "does"),
    ("didnt", "did"),
    ("isnt", "is"),
    ("wasnt", "was"),
    ("arent", "are"),
    ("hasnt", "has"),
    ("havent", "have"),
    ("hadnt", "had"),
    ("cant", "can"),
    ("cannot", "can"),
    ("couldnt", "could"),
    ("wont", "will"),
    ("wouldnt", "would"),
    ("aint", "is"),
    ("shouldnt", "should"),
];

/// Other short forms.
pub(super) const SHORT: &[(&str, &str)] = &[
    ("ive", "i have"),
    ("its", "it is"),
    ("im", "i am"),
    ("weve", "we have"),
    ("thats", "that is"),
    ("everythings", "everything is"),
    ("alls", "all is"),
    ("u", "you"),
    ("tq", "tq"),
    ("dpt", "dapat"),
    ("tk", "tak"),
    ("blm", "belum"),
    ("sdh", "sudah"),
    ("dh", "dah"),
    ("blh", "boleh"),
    ("tdk", "tidak"),
    ("skrg", "sekarang"),
    ("msh", "masih"),
];

/// Words that turn a sentence into its opposite.
pub(super) const NEGATIONS: &[&str] = &[
    "not", "no", "never", "none", "nothing", "without", "neither", "nor", "hardly", "barely", "unable", "nobody",
    "belum", "tak", "tidak", "bukan", "tiada", "takde", "takda", "jangan", "x", "xde", "xdapat", "xboleh", "xda", "usah",
    "ko", "koi", "kii", "tii",
];

/// The same in Chinese.
pub(super) const NEGATIONS_CJK: &[&str] = &["没", "未", "不", "沒", "无法", "無法"];

/// Words that leave open whether something is so.
pub(super) const CONDITIONS: &[&str] = &[
    "if", "when", "whether", "unless", "until", "once", "hope", "hopefully", "should", "would", "could", "will", "might",
    "may", "maybe", "please confirm", "is it", "does it", "did it", "has it", "kalau", "jika", "sekiranya", "bila",
    "apabila", "harap", "semoga", "mungkin", "akan", "adakah", "boleh tak", "sampai bila", "ke belum", "pretend", "say that",
    "tell me", "ignore", "如果", "希望", "吗", "嗎", "是否", "会不会", "可能", "ti o ba", "bi o ba", "se o ti", "nje",
];

/// Words of doubt, which make a good report a bad one.
pub(super) const DOUBTS: &[&str] = &[
    "stopped", "fails", "failed", "fail", "failing", "sometimes", "almost", "nearly", "half", "partly", "partially",
    "only", "wrong", "error", "again", "wait", "waiting", "someone else", "another", "other", "rather", "instead", "worked before", "used to",
    "was working", "invalid", "expired", "incorrect", "said", "says", "claims", "claim", "supposed", "gagal", "salah",
    "separuh", "sebahagian", "kadang", "hampir", "sekejap", "tamat tempoh", "kononnya", "katanya", "sepatutnya",
    "失败", "失敗", "错误", "一半",
];

/// Words that turn an objection round.
pub(super) const TURNS: &[&str] =
    &["no longer", "not that", "not true that", "bukan tak", "bukan tidak", "bukan belum", "until now", "不是没", "不是沒"];

/// It works now.
pub(super) const WORKS: &[&str] = &[
    "works now", "working now", "it works", "it is working", "works fine", "working fine", "works already", "works well",
    "voucher works", "token works", "pin works", "code works", "it worked", "token worked", "code worked", "voucher worked",
    "now it works", "now works", "now working", "now it is working", "received it", "i have received", "i received", "we have received", "we received", "have received",
    "already received", "received already", "received now", "now received", "i got it now", "got it already", "i have got it", "i got the",
    "got the voucher", "got my voucher", "got the token", "got my token", "it has arrived", "it arrived", "has arrived", "arrived now", "it came in",
    "came through", "has come in", "went through now", "it went through", "has gone through", "problem solved", "problem is solved",
    "issue solved", "issue is solved", "problem resolved", "issue resolved", "issue is resolved", "problem is resolved",
    "has been resolved", "is resolved", "resolved now", "resolved already", "is fixed", "fixed now", "has been fixed", "is sorted",
    "all good now", "ok now", "okay now", "is fine now", "fine now", "is ok now", "successful now", "credited now", "is active now", "has been credited",
    "sudah berjaya", "dah berjaya", "telah berjaya", "sudah boleh", "dah boleh", "boleh guna dah", "boleh digunakan", "boleh guna sekarang", "boleh pakai dah",
    "sudah terima", "dah terima", "telah terima", "telah menerima", "sudah menerima", "telah diterima", "sudah diterima", "sudah dapat", "dah dapat",
    "telah dapat", "sudah masuk", "dah masuk", "telah masuk", "sudah sampai", "dah sampai", "telah sampai", "sudah ok", "dah ok", "dah okay", "dah okey",
    "sekarang ok", "sekarang okay", "sekarang boleh", "sudah selesai", "dah selesai", "telah selesai", "masalah selesai", "sudah berfungsi", "dah berfungsi",
    "berfungsi sekarang", "telah berfungsi", "berjaya sekarang", "berjaya dah", "dapat dah", "masuk dah",
    "可以用了", "能用了", "可以了", "收到了", "已收到", "已经收到", "已經收到", "已经好了", "成功了", "到账了", "到賬了", "解决了", "解決了", "好了",
    "o ti sise", "o ti n sise", "o n sise bayi", "mo ti ri gba", "mo ti gba", "o ti wole", "o ti de", "mo ti ri i",
];

/// It still does not work, or has still not come.
pub(super) const OBJECTIONS: &[&str] = &[
    "not received", "not receive", "never received", "not get", "not got", "never got", "not gotten", "not arrived", "never arrived", "not arrive", "not come", "never came",
    "not work", "not working", "never worked", "still nothing", "nothing received", "nothing came", "nothing arrived", "not yet received", "yet to receive", "not seen", "not see it",
    "not in my account", "not credited", "not been credited", "not delivered", "not been delivered", "not successful", "not resolved", "not solved", "not been resolved", "not fixed", "stopped working",
    "still invalid", "still failed", "still failing", "still fails", "still the same", "same problem", "not go through", "not gone through", "not reflected", "not reflecting", "still waiting for it", "not there", "no credit", "no token", "no voucher", "not valid", "still pending",
    "unable to use", "not use it", "not redeem", "i disagree", "i object", "not agree", "not true", "it does not",
    "belum terima", "belum menerima", "belum dapat", "belum masuk", "belum sampai", "belum berjaya", "belum diterima", "belum selesai", "belum boleh", "belum ada", "belum lagi", "belum ok", "belum berfungsi",
    "masih belum", "masih tak", "masih tidak", "masih gagal", "masih sama", "masih tiada",
    "tak dapat", "tak terima", "tak masuk", "tak sampai", "tak boleh", "tak berjaya", "tak berfungsi", "tak jalan", "tak ok", "tak jadi", "tak ada",
    "tidak dapat", "tidak terima", "tidak menerima", "tidak masuk", "tidak sampai", "tidak boleh", "tidak berjaya", "tidak berfungsi", "tidak diterima", "tidak setuju", "tak setuju", "tidak benar",
    "x dapat", "x masuk", "x boleh", "x terima", "x sampai", "x berjaya", "xdapat", "xboleh", "xmasuk", "saya bantah", "membantah",
    "没收到", "沒收到", "没有收到", "沒有收到", "还没收到", "未收到", "不能用", "用不了", "无法使用", "無法使用", "还是不行", "不行", "没到账", "沒到賬", "还没到", "没有到",
    "ko sise", "ko tii", "ko i ti", "mi o tii", "mi o ti", "mi o ri", "mi o gba", "emi ko ri", "emi ko gba", "emi ko tii", "ko wole", "n ko ri", "n ko tii", "n ko gba",
];

/// Thanks.
pub(super) const THANKS: &[&str] = &[
    "thanks", "thank you", "thank", "thx", "ty", "much appreciated", "appreciate it", "appreciated", "cheers", "terima kasih", "tq", "tqvm", "trima kasih", "jazakallah",
    "谢谢", "謝謝", "感谢", "多谢", "e se", "o seun", "adupe", "ese",
];

/// Words that may stand in a clause of thanks besides.
pub(super) const THANKS_WORDS: &[&str] = &[
    "thanks", "thank", "you", "thx", "ty", "much", "appreciated", "appreciate", "it", "cheers", "terima", "kasih", "trima", "tq", "tqvm", "jazakallah", "so",
    "very", "many", "a", "lot", "for", "the", "your", "help", "support", "assistance", "reply", "update", "quick", "response", "information", "letting", "me", "know",
    "banyak", "atas", "bantuan", "maklumat", "jawapan", "sebab", "membantu", "tolong", "sangat", "kerana", "谢谢", "謝謝", "谢谢你", "谢谢您", "感谢", "多谢", "非常感谢", "e", "se", "o", "seun", "adupe", "ese", "pupo", "gan", "all",
];

/// Words without weight.
pub(super) const FILLERS: &[&str] = &[
    "hi", "hello", "dear", "hey", "team", "support", "sir", "madam", "mr", "mrs", "ms", "good", "morning", "afternoon", "evening", "day", "great", "perfect", "nice", "wow", "ok", "okay", "okey",
    "regards", "best", "kind", "sincerely", "yours", "yes", "yeah", "alright", "noted", "everyone", "there", "salam", "assalamualaikum", "tuan", "puan", "encik", "cik", "selamat", "pagi", "petang", "malam", "tengah", "hari", "baik", "ya", "sekian", "admin", "bagus", "alhamdulillah",
    "你好", "您好", "好的", "bawo", "now", "just", "already", "sekarang", "dah", "god", "bless",
];

/// Words that may stand beside good news without changing it.
pub(super) const WORKS_WORDS: &[&str] = &[
    "i", "we", "have", "has", "had", "is", "it", "my", "our", "this", "that", "and", "so", "too", "finally", "at", "last", "everything", "works", "working", "fine", "well", "again",
    "voucher", "vouchers", "token", "tokens", "code", "pin", "payment", "bill", "topup", "top", "up", "credit", "electricity", "meter", "balance", "order", "problem", "issue", "case",
    "received", "solved", "resolved", "been", "just", "can", "close", "confirm", "to", "with", "sms", "email", "mail", "in", "today", "account", "on", "phone", "they", "are", "yes", "from",
    "saya", "kami", "aku", "baucar", "bil", "bayaran", "pembayaran", "tambah", "nilai", "kod", "masalah", "ini", "itu", "guna", "digunakan", "pakai", "sudah", "telah", "dah", "boleh", "terima",
    "berjaya", "dan", "pun", "semua", "akhirnya", "tadi", "baru", "semula", "nya", "kredit", "akaun", "duit", "kes", "lah", "je", "sahaja", "di", "ke", "dalam",
    "mo", "o", "ti", "bayi", "naa", "mi", "owo",
];

/// Chinese that may stand beside good news without changing it.
const WORKS_CJK: &[&str] =
    &["已经", "現在", "现在", "问题", "問題", "谢谢", "謝謝", "您", "你", "我", "都", "券", "了", "已", "代金", "充值", "终于", "今天", "啦"];

/// Whether a word is made of such Chinese alone.
pub(super) fn harmless_cjk(word: &str) -> bool {
    let rest = WORKS_CJK.iter().fold(word.to_owned(), |rest, part| rest.replace(part, ""));
    rest.is_empty()
}
