//! The labels in the header of a mail that is quoted whole: "From:", "Sent:", "Subject:", in the
//! languages of [`super::phrases`].

const FROM: [&str; 15] = [
    "from",
    "daripada",
    "dari",
    "de",
    "von",
    "da",
    "van",
    "发件人",
    "發件人",
    "寄件者",
    "寄件人",
    "由",
    "来自",
    "expéditeur",
    "pengirim",
];
const DATE: [&str; 24] = [
    "sent",
    "date",
    "dihantar",
    "tarikh",
    "dikirim",
    "tanggal",
    "envoyé",
    "gesendet",
    "datum",
    "enviado",
    "enviado el",
    "fecha",
    "data",
    "inviato",
    "verzonden",
    "发送时间",
    "发送日期",
    "日期",
    "时间",
    "寄件日期",
    "傳送時間",
    "發送時間",
    "envoyé le",
    "date d'envoi",
];
const SUBJECT: [&str; 15] = [
    "subject",
    "subjek",
    "perkara",
    "subyek",
    "perihal",
    "objet",
    "betreff",
    "asunto",
    "assunto",
    "oggetto",
    "onderwerp",
    "主题",
    "主題",
    "主旨",
    "标题",
];

/// The label before a line's colon, in lower case; programs that make text of bold labels put stars
/// around them.
pub(super) fn label(line: &str) -> Option<String> {
    let line = line.trim_start().trim_start_matches('*');
    let end = line.find([':', '：']).filter(|end| (1..=60).contains(end))?;
    let label = line.get(..end)?.trim_matches(|letter: char| letter == '*' || letter.is_whitespace());
    // Two characters are spaced out with a wide blank, to be as wide as three.
    Some(label.replace('\u{3000}', "").to_lowercase())
}

pub(super) fn is_from(label: &str) -> bool {
    FROM.contains(&label)
}

pub(super) fn is_date(label: &str) -> bool {
    DATE.contains(&label)
}

pub(super) fn is_subject(label: &str) -> bool {
    SUBJECT.contains(&label)
}
