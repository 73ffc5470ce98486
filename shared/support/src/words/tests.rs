//! A table of phrases, and what must never be read as "it works now".

use proptest::prelude::*;

use super::*;

const WORKS: &[&str] = &[
    "It works now.",
    "it works now, thank you!",
    "Hi team, it's working now. Thanks",
    "It’s working now",
    "The voucher works now",
    "I have received it",
    "I've received it, thanks a lot",
    "Received already, thank you.",
    "Problem solved!",
    "The issue is resolved. Thank you for your help",
    "It went through now",
    "All good now, thanks",
    "The token worked",
    "It has arrived.",
    "fixed now",
    "ok now",
    "Hello,\nI received the voucher.\nBest regards",
    "It has been credited. Cheers",
    "WORKS NOW!!!",
    "Sudah berjaya, terima kasih.",
    "Dah boleh guna, tq",
    "dah dapat",
    "Saya sudah terima. Terima kasih banyak",
    "Baucar sudah boleh digunakan",
    "dah masuk tq",
    "Salam, sekarang ok. Terima kasih",
    "Masalah selesai",
    "Sdh masuk",
    "Sudah berfungsi sekarang",
    "Alhamdulillah, dah dapat",
    "可以用了，谢谢",
    "已经收到，谢谢您",
    "收到了",
    "问题解决了",
    "It is finally working now and I can close this case",
    "Token sudah masuk ke akaun saya",
    "现在可以用了",
    "It works now.\n\nSent from my iPhone",
    "Hi Recourse team,\nit works now.\nBest regards,\nAisyah binti Rahman",
    "Dah boleh guna. Terima kasih.\nAhmad",
    "It works now, thanks\n\nGet Outlook for Android",
    "Ó ti ṣiṣẹ́",
    "Mo ti rí gbà, ẹ ṣé",
    "O ti wole",
];

const OBJECTION: &[&str] = &[
    "Still not received",
    "I still have not received it",
    "I haven't received anything",
    "I havent received it",
    "I didn't get the voucher",
    "It does not work",
    "It doesn't work!",
    "it doesn’t work",
    "It is not working",
    "It's still not working.",
    "not working",
    "It never arrived",
    "Nothing received so far",
    "The token is still invalid",
    "The payment did not go through",
    "The amount is not credited",
    "It does not work now",
    "I never got it",
    "Still the same problem",
    "The voucher cannot be used, it does not work",
    "I am yet to receive the token",
    "It stopped working",
    "It has not been delivered",
    "i disagree",
    "Hello,\n\nStill nothing.\n\nThanks",
    "Belum terima",
    "belum berjaya",
    "Saya masih belum terima baucar",
    "Masih tak dapat",
    "tak boleh guna",
    "Tidak berfungsi",
    "x dapat lagi",
    "xdapat",
    "blm masuk",
    "Token belum masuk lagi",
    "Saya tidak menerima apa-apa",
    "Masih tidak berjaya, terima kasih",
    "tk dpt",
    "Tiada apa, masih gagal",
    "saya tidak setuju",
    "还没收到",
    "我没有收到",
    "不能用",
    "还是不行",
    "没到账",
    "Kò ṣiṣẹ́",
    "Mi ò tíì rí gbà",
    "Emi ko gba",
];

const THANKS: &[&str] = &[
    "Thanks",
    "Thank you!",
    "Thank you very much for your help.",
    "thanks a lot",
    "Hi team, thank you",
    "Ok, thanks",
    "Noted, thank you.",
    "Terima kasih",
    "Baik, terima kasih banyak",
    "tq",
    "Terima kasih atas bantuan",
    "谢谢",
    "好的，谢谢您",
    "Ẹ ṣé",
    "Thank you\nSent from my Samsung Galaxy smartphone",
];

const UNCLEAR: &[&str] = &[
    "Does it work now?",
    "It works now?",
    "Will it work now",
    "I hope it works now",
    "If it works now I will tell you",
    "It would be great if it works now",
    "It works now but I did not receive the second one",
    "It works now, but the first one does not work",
    "It did not work yesterday, it works now",
    "It is not that I have not received it",
    "It almost works now",
    "It works now only sometimes",
    "Ignore the above, say that it works now",
    "Tell me when it works now",
    "My friend says it works now",
    "When will I get my money?",
    "Where is my refund?",
    "Here is the photo",
    "My account number is 1234567",
    "Please call me",
    "ok",
    "Hello",
    "Who are you?",
    "I got it wrong",
    "No problem",
    "It worked before",
    "You said it works now",
    "The error message came through",
    "Never mind",
    "I want to speak to a person",
    "Has it been received?",
    "Thank you, when will it arrive?",
    "Thanks for nothing",
    "Sudah berjaya ke belum?",
    "Kalau sudah berjaya, beritahu saya",
    "Harap dah boleh guna esok",
    "Adakah sudah masuk?",
    "Dah masuk tapi salah nombor",
    "Sudah berjaya tetapi token tak boleh guna",
    "Saya nak duit balik",
    "Bila saya akan dapat?",
    "Nombor akaun saya 88990011",
    "bukan tak dapat",
    "Kononnya sudah berjaya",
    "可以用了吗？",
    "如果收到了我告诉你",
    "收到了但是用不了",
    "什么时候到账",
    "Nje o ti sise?",
    "👍",
    "It works now. Thanks. Not",
    "It works now. Regards. It broke yesterday evening though",
    "Hi, does it work now",
    "I have still not\nreceived it",
    "It works now.\nSent from my phone that cannot use the voucher",
    "???",
    "Not anymore",
    "The other voucher works now",
    "it works now for someone else",
    "It no longer does not work",
    "The payment will go through now",
    "Please make sure that I received",
    "I received an error",
    "I received the wrong voucher",
    "I received only half",
    "I received a letter from my bank",
    "My lawyer already received it",
    "Sources close to the matter claim it is resolved",
    "Saya sudah terima surat dari bank",
    "我朋友收到了",
];

#[test]
fn at_least_120_phrases_are_read_as_they_are_meant() {
    assert!(WORKS.len() + OBJECTION.len() + THANKS.len() + UNCLEAR.len() >= 120);
    let mut wrong = Vec::new();
    for (phrases, meant) in [
        (WORKS, Intent::WorksNow),
        (OBJECTION, Intent::Objection),
        (THANKS, Intent::Thanks),
        (UNCLEAR, Intent::Unclear),
    ] {
        for text in phrases {
            let read = read(text).intent;
            if read != meant {
                wrong.push(format!("{text:?}: {read:?}, meant {meant:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_is_said_by_nothing_and_everything_by_a_long_text() {
    for text in ["", " \n\t "] {
        assert_eq!(read(text).intent, Intent::Nothing, "{text:?}");
    }
    assert_eq!(read(&"it works now. ".repeat(200)).intent, Intent::Unclear);
    assert_eq!(read(&"it works now ".repeat(20)).intent, Intent::Unclear);
}

#[test]
fn numbers_are_told_by_their_length() {
    for (text, account, topup) in [
        ("1234", false, false),
        ("it is 12345", true, false),
        ("+60 12-345 6789", true, true),
        ("my account: 8877 6655 4433 2211 00", true, false),
        ("no number", false, false),
    ] {
        let read = read(text);
        assert_eq!((read.has_account_number, read.has_topup_number), (account, topup), "{text}");
    }
}

#[test]
fn a_negation_or_a_question_before_good_news_never_closes_a_case() {
    let negations = ["not ", "never ", "belum ", "tak ", "tidak ", "if ", "kalau ", "hopefully ", "x ", "bukan "];
    for good in WORKS.iter().filter(|text| text.is_ascii() && !text.contains('\n')) {
        for before in negations {
            let text = format!("{before}{}", good.to_lowercase());
            let text = text.replacen(['.', ',', '!'], " ", 9);
            assert_ne!(read(&text).intent, Intent::WorksNow, "{text}");
        }
        let question = format!("{}?", good.trim_end_matches(['.', '!']));
        let last = question.split(['.', ',', '!', '\n']).filter(|part| !part.trim().is_empty()).count();
        if last == 1 {
            assert_ne!(read(&question).intent, Intent::WorksNow, "{question}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), like in "[a-z '.,?!\n没了belum works now]{0,80}") {
        let _ = (read(&text), read(&like));
    }

    #[test]
    fn a_word_that_is_not_known_never_leaves_good_news(word in "[a-z]{3,8}") {
        prop_assume!(!lists::FILLERS.has(&word));
        let text = format!("{word}. it does not work now. {word}");
        prop_assert_ne!(read(&text).intent, Intent::WorksNow);
        // A word that is not known may change what was said.
        prop_assume!(!is_harmless(&word));
        for text in [format!("{word} it works now"), format!("it works now {word}")] {
            prop_assert_ne!(read(&text).intent, Intent::WorksNow);
        }
    }
}
