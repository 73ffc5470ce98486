use std::collections::BTreeSet;
use std::path::Path;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::printable;

use super::*;

fn value(rules: &str, given: &str) -> Result<String, String> {
    let parameter: Parameter = yaml_serde::from_str(&format!("{{Type: String, {rules}}}")).unwrap();
    parameter.value(Some(&given.to_owned()))
}

#[test]
fn a_value_that_breaks_a_rule_is_refused_with_the_rule() {
    for (rules, given, rule) in [
        ("AllowedValues: [a, b]", "c", "AllowedValues [a, b]"),
        ("MinLength: 3", "é2", "MinLength 3"),
        ("MaxLength: 1", "ab", "MaxLength 1"),
        ("AllowedPattern: '[a-z]+'", "abc1", "AllowedPattern [a-z]+"),
        ("AllowedPattern: a|b", "ab", "AllowedPattern a|b"),
        ("AllowedPattern: '[a-z]+', ConstraintDescription: letters alone", "1", "AllowedPattern [a-z]+: letters alone"),
    ] {
        assert_eq!(value(rules, given), Err(format!("the value {given:?} breaks the rule {rule}")));
    }
    for (rules, given) in [
        ("MinLength: 2, MaxLength: 2", "éé"),
        ("AllowedPattern: '[a-z]+'", "abc"),
        ("AllowedPattern: '[\\s\\S]*'", "\n"),
    ] {
        assert_eq!(value(rules, given).as_deref(), Ok(given));
    }
    assert!(value("AllowedPattern: '('", "x").unwrap_err().starts_with("AllowedPattern ( is not understood: "));
    let long = value("MaxLength: 1", &"x".repeat(SHOWN + 1)).unwrap_err();
    assert!(long.contains(&format!("\"{}…\"", "x".repeat(SHOWN))), "{long}");
}

#[test]
fn a_list_has_a_pattern_for_each_of_its_values() {
    let rules = "{Type: CommaDelimitedList, Default: '', AllowedPattern: '(arn:[a-z]+)?'}";
    let list: Parameter = yaml_serde::from_str(rules).unwrap();
    for right in ["", "arn:a", "arn:a, arn:b"] {
        assert_eq!(list.value(Some(&right.to_owned())).as_deref(), Ok(right));
    }
    for wrong in ["*", "arn:a,*", "arn:a arn:b"] {
        assert!(list.value(Some(&wrong.to_owned())).unwrap_err().contains("AllowedPattern"), "{wrong}");
    }
}

/// The parameters of the project's own template.
fn real() -> BTreeMap<String, Parameter> {
    #[derive(Deserialize)]
    struct Template {
        #[serde(rename = "Parameters")]
        parameters: BTreeMap<String, Parameter>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    yaml_serde::from_str::<Template>(&std::fs::read_to_string(path).unwrap()).unwrap().parameters
}

/// Whether a parameter's own pattern matches a text.
fn matching(parameter: &Parameter) -> impl Fn(&str) -> bool + use<> {
    let pattern = parameter.allowed_pattern.as_ref().unwrap();
    let pattern = Regex::new(&format!("\\A(?:{pattern})\\z")).unwrap();
    move |text| pattern.is_match(text)
}

/// A value that only the functions refuse would leave a deployment without mail.
#[test]
fn a_brand_is_refused_for_each_character_that_the_worker_refuses() {
    let matches = matching(&real()["Brand"]);
    let wrong = |text: &str| matches(text) != (printable(text, 60) && text.trim().len() == text.len());
    let differing: BTreeSet<char> = (char::MIN..=char::MAX)
        .filter(|c| wrong(&c.to_string()) || wrong(&format!("a{c}b")) || wrong(&format!("ab{c}")))
        .collect();
    assert_eq!(differing, BTreeSet::new());
}

#[test]
fn an_address_is_refused_when_the_functions_refuse_it() {
    let parameters = real();
    let [from, support] = ["MailFrom", "SupportAddress"].map(|name| matching(&parameters[name]));
    let (local, label, long) = ("a".repeat(37), "b".repeat(63), "a".repeat(65));
    for address in [
        "a@b.example",
        "a.b+c!#$%&'*/=^_`{|}~-@1.b-c.example",
        &format!("{local}@{label}.example"),
        "A@xn--bcher-kva.COM",
    ] {
        assert!(MailAddress::parse(address).is_ok() && from(address) && support(address), "{address}");
    }
    let locals = ["", ".", ".a", "a.", "a..b", "a b", "a,b", "\"a\"", "a@b", "\u{e4}", "=?utf-8?q?a?=", &long];
    let hosts =
        ["", "b", "b.", ".example", "b.1", "-b.example", "b-.example", "b.example-", "b_c.example", "b.example."];
    let addresses = locals.iter().map(|local| format!("{local}@b.example"));
    let addresses = addresses.chain(hosts.iter().map(|host| format!("a@{host}")));
    for address in addresses.chain(["", "nobody", "not an address"].map(str::to_owned)) {
        assert!(MailAddress::parse(&address).is_err(), "{address}");
        assert!(!from(&address) && !support(&address), "{address}");
    }
    let longer = format!("a{local}@b.example");
    assert!(!from(&longer) && support(&longer), "a plus-address of the sender has room");
}
