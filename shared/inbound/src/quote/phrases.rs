//! The words by which programs introduce old text, in the languages that their users have.
//!
//! They are written as the programs print them: English, Malay, Chinese (both scripts), Indonesian,
//! French, German, Spanish, Portuguese, Italian, Dutch. No program is known to print them in
//! Yoruba; its users have them in English.

/// How "On .. wrote:" begins.
const BEGINNINGS: [&str; 13] =
    ["on ", "pada ", "le ", "am ", "el ", "em ", "il ", "op ", "a ", "în ", "den ", "在", "在 "];
/// How it ends, before the colon.
const WROTE: [&str; 12] = [
    "wrote",
    "menulis",
    "写道",
    "寫道",
    "a écrit",
    "schrieb",
    "escribió",
    "escreveu",
    "ha scritto",
    "schreef",
    "skrev",
    "a scris",
];
/// Before the sender in German.
const WROTE_WITHIN: [&str; 2] = [" schrieb ", " schreef "];

/// The words between dashes above a mail that is quoted or forwarded whole.
const SEPARATORS: [&str; 21] = [
    "original message",
    "forwarded message",
    "forwarded by",
    "original appointment",
    "original email",
    "mesej asal",
    "mesej yang dimajukan",
    "mesej dimajukan",
    "e-mel asal",
    "pesan asli",
    "pesan terusan",
    "原始邮件",
    "原始信息",
    "原始郵件",
    "转发邮件信息",
    "转发的邮件",
    "回复的原邮件",
    "message d'origine",
    "message transféré",
    "ursprüngliche nachricht",
    "mensaje original",
];
/// The same on a line without dashes (Apple Mail).
const LONE_SEPARATORS: [&str; 6] = [
    "begin forwarded message",
    "mulakan mesej yang dimajukan",
    "mula mesej dimajukan",
    "开始转发的邮件",
    "開始轉寄的郵件",
    "début du message transféré",
];

pub(super) fn may_begin(line: &str) -> bool {
    if !line.chars().any(|letter| letter.is_ascii_digit()) && !line.contains('@') {
        return false;
    }
    let start: String = line.chars().take(8).flat_map(char::to_lowercase).collect();
    // Gmail and Yahoo in Chinese begin with the sender or the date.
    BEGINNINGS.iter().any(|begin| start.starts_with(begin)) || line.contains('@') || line.contains('年')
}

/// Whether a text is an introduction from its first word to its colon.
pub(crate) fn says_wrote(text: &str) -> bool {
    let Some(text) = text.trim_end().strip_suffix([':', '：']) else { return false };
    let text = text.trim_end().to_lowercase();
    if !text.chars().any(|letter| letter.is_ascii_digit()) {
        return false;
    }
    let is_chinese = text.ends_with("写道") || text.ends_with("寫道");
    let begins = BEGINNINGS.iter().any(|begin| text.starts_with(begin));
    let has_address = text.contains('@');
    let wrote = WROTE.iter().any(|word| text.ends_with(word));
    let within = text.starts_with("am ") && WROTE_WITHIN.iter().any(|word| text.contains(word));
    (begins && (wrote || within)) || (is_chinese && (has_address || has_time(&text)))
}

/// Whether a longer line begins with an introduction that has an address, as Yahoo's app
/// for Android writes it: the old text follows on the same line.
pub(super) fn says_wrote_within(line: &str) -> bool {
    let Some((before, after)) = line.split_once('>').filter(|(before, _)| before.chars().count() <= 400) else {
        return false;
    };
    let before = before.to_lowercase();
    let begins = BEGINNINGS.iter().any(|begin| before.starts_with(begin)) || before.contains('年');
    let after: String = after.chars().take(40).flat_map(char::to_lowercase).collect();
    let after = after.trim_start();
    begins
        && before.contains('@')
        && before.contains(|letter: char| letter.is_ascii_digit())
        && WROTE.iter().any(|word| {
            after.strip_prefix(word).is_some_and(|rest| {
                rest.trim_start().strip_prefix([':', '：']).is_some_and(|rest| !rest.trim().is_empty())
            })
        })
}

/// Whether a text has a time of day in it: 10:02, or 10.02 as in Indonesian.
pub(super) fn has_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(4).any(|window| {
        matches!(window, [hour, b':' | b'.', tens, minutes] if hour.is_ascii_digit() && (b'0'..=b'5').contains(tens) && minutes.is_ascii_digit())
    })
}

/// A line that says that the whole old mail follows.
pub(crate) fn is_separator(line: &str) -> bool {
    let line = line.trim();
    if !(line.starts_with("--") || line.ends_with([':', '：'])) || line.chars().count() > 120 {
        return false;
    }
    let inner = line.trim_matches('-').trim().to_lowercase();
    let is_known = inner == "original" || SEPARATORS.iter().any(|known| inner.starts_with(known));
    // Zoho Mail puts the introduction itself between dashes.
    let is_introduction =
        inner.starts_with("on ") && inner.ends_with(" wrote") && inner.contains(|letter: char| letter.is_ascii_digit());
    let is_dashed = line.starts_with("--") && line.ends_with("--") && (is_known || is_introduction);
    let bare = line.trim_end_matches([':', '：']).trim_end();
    is_dashed || (bare.len() < line.len() && LONE_SEPARATORS.contains(&bare.to_lowercase().as_str()))
}
