//! Every mail in every language, and sets that are refused.

use super::*;

const EN: &str = include_str!("../../data/templates/en.json");

/// Values for every place.
fn full() -> Slots {
    Slots::new()
        .with(Slot::CaseId, "RC-4fQ9zLk2")
        .with(Slot::Refid, "order-7")
        .with(Slot::Product, "Game voucher")
        .with(Slot::Amount, "15.50 MYR")
        .with(Slot::ProviderReference, "REF-1")
        .with(Slot::Evidence, "Used on the console")
        .with(Slot::Reason, "The provider did not answer.")
        .with(Slot::State, "waiting_for_agent")
        .with(Slot::Agent, "Aisyah")
        .on(UnixSeconds(1_780_000_000))
}

#[test]
fn every_mail_is_written_in_every_language() {
    let set = TemplateSet::shipped().unwrap();
    assert_eq!(set.languages().map(Language::as_str).collect::<Vec<_>>(), ["en", "ms"]);
    for language in set.languages() {
        for id in TemplateId::ALL {
            let mail = set.render(id, language, &full()).unwrap();
            assert!(mail.subject.starts_with("[RC-4fQ9zLk2] "), "{id:?}");
            assert!(!mail.text.contains(['{', '}']) && mail.text.lines().count() >= 3, "{id:?}");
            assert!(mail.text.contains("order-7"), "{id:?} names the payment");
        }
    }
}

#[test]
fn a_paragraph_without_its_value_is_left_out_and_a_mail_without_one_is_not_written() {
    let set = TemplateSet::shipped().unwrap();
    let (english, malay) = (Language::english(), Language::parse("ms").unwrap());
    let some =
        Slots::new().with(Slot::CaseId, "RC-4fQ9zLk2").with(Slot::Refid, "order-7").on(UnixSeconds(1_780_000_000));
    let mail = set.render(TemplateId::Delivered, &english, &some).unwrap();
    assert!(mail.text.contains("by 28 May 2026") && !mail.text.contains("reference"), "{}", mail.text);
    let mail = set.render(TemplateId::Delivered, &malay, &some).unwrap();
    assert!(mail.text.contains("pada 28 Mei 2026") && !mail.text.contains("Rujukan"), "{}", mail.text);
    let missing = set.render(TemplateId::Reminder, &english, &Slots::new().with(Slot::CaseId, "RC-4fQ9zLk2"));
    assert_eq!(missing, Err(RenderError::MissingSlot(TemplateId::Reminder, Slot::Refid)));
    let german = Language::parse("de").unwrap();
    assert_eq!(set.render(TemplateId::Reminder, &german, &some), Err(RenderError::UnknownLanguage));
    let never = some.on(UnixSeconds(i64::MAX));
    assert_eq!(
        set.render(TemplateId::Delivered, &english, &never),
        Err(RenderError::InvalidDay(TemplateId::Delivered))
    );
}

#[test]
fn a_third_language_is_added_by_its_file_alone() {
    let german =
        EN.replace(r#""language": "en""#, r#""language": "de""#).replace("May", "Mai").replace("Hello,", "Guten Tag,");
    let files = [TemplateSet::shipped_files(), &[("de.json", german.as_str())]].concat();
    let set = TemplateSet::parse(&files).unwrap();
    let language = Language::parse("de").unwrap();
    let mail = set.render(TemplateId::Delivered, &language, &full()).unwrap();
    assert!(mail.text.starts_with("Guten Tag,") && mail.text.contains("28 Mai 2026"));
    assert_eq!(set.choose(Some(&language), None), language);
}

#[test]
fn what_is_missing_in_one_language_is_named() {
    for (from, to, named) in [
        (r#""closed_works": {"#, r#""closed_worked": {"#, "de.json: the template closed_works is missing"),
        (
            r#""closed_works": {"#,
            r#""closed_worked": {"#,
            "de.json: closed_worked: is no template; these are: ask_voucher_photo",
        ),
        (
            "it works now. We have closed your report about payment {refid} in the merchant's favour",
            "it works now in the merchant's favour",
            "de.json: closed_works: the slot refid is missing",
        ),
        ("by {date}. Otherwise", "soon. Otherwise", "de.json: reminder: the slot date is missing"),
        (
            "Product: {product}",
            "Product: {evidence}",
            "de.json: ask_voucher_photo: the slot evidence has no value here",
        ),
        ("Product: {product}", "Product: {pin}", "de.json: ask_voucher_photo.text: pin is no slot; these are: case_id"),
        ("Product: {product}", "Product: {product", "a { has no } after it"),
        ("Product: {product}", "Product: product}", "a } has no { before it"),
        (
            "[{case_id}] We still need",
            "{product} We still need",
            "de.json: reminder.subject: the slot product may be without a value",
        ),
        ("[{case_id}] We still need", "We still need", "de.json: reminder.subject: the slot case_id is missing"),
        (
            "[{case_id}] We still need",
            "{case_id}: We still need",
            "de.json: reminder.subject: must begin with [{case_id}]",
        ),
        (r#""works_now": "It works now""#, r#""works_now": "It {works}""#, "de.json: phrases.works_now: must be"),
        (r#""agent_reply": "A"#, r#""agents_reply": "A"#, "de.json: phrases: agents_reply is unknown"),
        (r#""January", "#, "", "de.json: months: must be 12 names"),
        ("{day} {month} {year}", "{day} {month}", "de.json: date: must have {day}, {month} and {year}"),
        (r#""promise": ["#, r#""promises": ["#, "de.json: claims: promises is unknown; known are money"),
        (r#""language": "de""#, r#""language": "fr""#, "de.json: language: the file must be named fr.json"),
        (
            r#""subject": "[{case_id}] We still"#,
            r#""subject": "\u202e[{case_id}] We still"#,
            "all visible and on one line",
        ),
    ] {
        let german = EN.replace(r#""language": "en""#, r#""language": "de""#);
        assert!(german.contains(from), "{from}");
        let files = [("en.json", EN), ("de.json", &german.replace(from, to))];
        let problems = TemplateSet::parse(&files).unwrap_err();
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(problems.iter().any(|problem| problem.contains(named)), "{named}: {problems:#?}");
    }
    let problems = TemplateSet::parse(&[("en.json", EN), ("en.json", EN)]).unwrap_err();
    assert!(problems[0].to_string().contains("another file has already"));
    assert!(TemplateSet::parse(&[]).unwrap_err()[0].to_string().contains("must have en.json"));
}

#[test]
fn the_accounts_setting_comes_before_the_models_guess() {
    let set = TemplateSet::shipped().unwrap();
    let [english, malay, other] = ["en", "ms", "zh"].map(|tag| Language::parse(tag).unwrap());
    assert_eq!(set.choose(Some(&malay), Some(&english)), malay);
    assert_eq!(set.choose(Some(&other), Some(&malay)), malay);
    assert_eq!(set.choose(None, Some(&other)), english);
    assert_eq!(set.choose(None, None), english);
}

#[test]
fn values_stay_on_one_line_and_within_their_limits() {
    let slots =
        Slots::new().with(Slot::Product, "a\r\nBcc: x\u{202e}y").with(Slot::Refid, " \n").with(Slot::Date, "soon");
    assert_eq!(slots.text(Slot::Product), Some("a Bcc: xy"));
    assert_eq!((slots.get(Slot::Refid), slots.get(Slot::Date)), (None, None));
    assert_eq!(Slots::new().with(Slot::Product, &"x".repeat(900)).text(Slot::Product).unwrap().len(), 200);
    let stored = serde_json::to_string(&full()).unwrap();
    assert_eq!(serde_json::from_str::<Slots>(&stored).unwrap(), full());
}

#[test]
fn names_are_stable() {
    for id in TemplateId::ALL {
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", id.name()));
        assert_eq!(TemplateId::parse(id.name()), Some(id));
    }
    for slot in Slot::ALL {
        assert_eq!(serde_json::to_string(&slot).unwrap(), format!("\"{}\"", slot.name()));
    }
    for question in Question::ALL {
        assert_eq!(serde_json::to_string(&question).unwrap(), format!("\"{}\"", question.name()));
    }
}

#[test]
fn what_the_button_says_is_understood() {
    let set = TemplateSet::shipped().unwrap();
    for language in set.languages() {
        let phrases = set.phrases(language).unwrap();
        let read = crate::words::read(&phrases.works_now);
        assert_eq!(read.intent, crate::event::Intent::WorksNow, "{language:?}: {}", phrases.works_now);
    }
}
