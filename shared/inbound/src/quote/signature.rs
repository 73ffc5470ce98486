//! Signatures: the text under `-- `, and the lines that phones and programs add.

/// How lines begin that programs add under a text.
const ADDED: [&str; 23] = [
    "sent from my ",
    "sent from ",
    "sent using ",
    "sent with ",
    "sent via ",
    "get outlook for ",
    "dihantar daripada ",
    "dihantar dari ",
    "dihantar dengan ",
    "dapatkan outlook ",
    "dikirim dari ",
    "发自我的",
    "發自我的",
    "从我的",
    "从 ",
    "获取 outlook",
    "envoyé de ",
    "envoyé depuis ",
    "von meinem ",
    "enviado desde ",
    "enviado do ",
    "通过",
    "发送自",
];
/// What such a line names.
const PROGRAMS: [&str; 33] = [
    "iphone",
    "ipad",
    "galaxy",
    "samsung",
    "三星",
    "android",
    "huawei",
    "华为",
    "honor",
    "xiaomi",
    "redmi",
    "小米",
    "oppo",
    "vivo",
    "tecno",
    "infinix",
    "itel",
    "nokia",
    "pixel",
    "oneplus",
    "blackberry",
    "smartphone",
    "my phone",
    "my mobile",
    "telefon",
    "手机",
    "outlook",
    "yahoo",
    "proton",
    "mail for windows",
    "windows 10",
    "gmail",
    "zoho",
];
const MAX_WORDS: usize = 9;
const MAX_CHARACTERS: usize = 120;

/// `-- ` on a line of its own (RFC 3676, 4.3); the blank at its end gets lost on the way.
pub(super) fn is_delimiter(line: &str) -> bool {
    line.trim_end() == "--"
}

/// Ends a run of new text: what a program added under it is left out, and the next run begins.
pub(super) fn end(runs: &mut Vec<Vec<&str>>) {
    if let Some(run) = runs.last_mut() {
        while run.last().is_some_and(|line| line.trim().is_empty() || is_added(line)) {
            run.pop();
        }
    }
    if runs.last().is_none_or(|run| !run.is_empty()) {
        runs.push(Vec::new());
    }
}

/// Ends a run above an old mail, together with the rule that Outlook draws there.
pub(super) fn end_before_old_mail(runs: &mut Vec<Vec<&str>>) {
    if let Some(run) = runs.last_mut() {
        while run.last().is_some_and(|line| line.trim().is_empty()) {
            run.pop();
        }
        if run.last().is_some_and(|line| is_rule(line)) {
            run.pop();
        }
    }
    end(runs);
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && (line.bytes().all(|byte| byte == b'_') || line.bytes().all(|byte| byte == b'-'))
}

fn is_added(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    // A program's address may follow its name.
    let words = line.split_whitespace().filter(|word| !word.contains("://")).count();
    // "Sent from my phone on Monday, it never arrived." is somebody's own.
    let is_sentence = line.contains([',', '?', '!', ';', '，', '？']);
    !is_sentence
        && words <= MAX_WORDS
        && line.chars().count() <= MAX_CHARACTERS
        && ADDED.iter().any(|begin| line.starts_with(begin))
        && PROGRAMS.iter().any(|program| line.contains(program))
}
