//! The sign-in at the company's own identity provider: who gets in, and what is refused at which
//! step.

use std::time::Duration;

use http::Request;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::time::UnixMillis;
use recourse_local::Options;
use recourse_local::dynamodb::Fault;
use recourse_store::{Cap, CapOutcome, Operator, OperatorEvent};
use serde_json::json;

use super::sign_in::{AISYAH, BEN, BROWSER, EVE, SESSION, ask, mailed_link};
use super::{audit_log, is_secured, is_signed_in, last_audit};
use crate::cli::{folder, recourse, recourse_reading};
use crate::harness::{
    Claimed, ConsoleClient, HttpResponse, IDENTITY_CLIENT, IDENTITY_SECRET, IdentityServer, KeyKind, SIGN_IN, Stack,
    Twist, options, run,
};

const TO_PROVIDER: &str = "/console/sign-in/identity";
const OPERATORS: &str = "/console/settings/operators";

/// A provider that the deployment with these options uses.
pub async fn provider_for(options: &mut Options, kind: KeyKind) -> IdentityServer {
    let provider = IdentityServer::start(kind).await;
    for (name, value) in [("OidcIssuer", provider.issuer()), ("OidcClientId", IDENTITY_CLIENT)] {
        options.parameters.insert(name.to_owned(), value.to_owned());
    }
    provider
}

/// Registers the console at the provider, and the provider's secret at the console.
async fn acquaint(stack: &Stack, provider: &IdentityServer) {
    provider.register(stack.url());
    let secret = ["operator", "identity-secret", "--why", "a new client"];
    let set = recourse_reading(stack, &secret, &format!("{IDENTITY_SECRET}\n")).await;
    assert_eq!(set.code, 0, "{}{}", set.out, set.err);
    assert!(!set.out.contains(IDENTITY_SECRET) && !set.err.contains(IDENTITY_SECRET));
}

/// A cloud with a provider at which Aisyah is signed in.
async fn started(kind: KeyKind) -> (Stack, IdentityServer) {
    let mut options = options();
    let provider = provider_for(&mut options, kind).await;
    let stack = Stack::start(options).await;
    acquaint(&stack, &provider).await;
    provider.claim(Claimed::verified("subject-aisyah", AISYAH));
    (stack, provider)
}

/// Signs in at the provider, for the first time, which an admin takes back.
pub async fn everything(stack: &Stack, provider: &IdentityServer) {
    acquaint(stack, provider).await;
    provider.claim(Claimed::verified("subject-aisyah", AISYAH));
    let browser = stack.browser();
    assert_eq!(signed_in(stack, &browser).await.status, 303);
    let reset = [("do", "reset_identity"), ("email", AISYAH)];
    assert_eq!(stack.sign_in("admin").await.submit(OPERATORS, OPERATORS, &reset).await.status, 303);
}

/// Goes from the console to the provider; the path with which the browser is led back.
async fn authorized(stack: &Stack, browser: &ConsoleClient<'_>) -> String {
    let led = browser.get(TO_PROVIDER).await;
    assert_eq!(led.status, 303, "{led:?}");
    is_secured(&led);
    let back = stack.to(Request::get(led.location()).body(Vec::new()).unwrap()).await;
    assert_eq!(back.status, 302, "{back:?}");
    back.location().strip_prefix(stack.url()).unwrap_or_else(|| panic!("{back:?}")).to_owned()
}

/// The whole way: to the provider and back.
async fn signed_in(stack: &Stack, browser: &ConsoleClient<'_>) -> HttpResponse {
    browser.get(&authorized(stack, browser).await).await
}

async fn operator(stack: &Stack, email: &str) -> Operator {
    stack.store().operator(&MailAddress::parse(email).unwrap()).await.unwrap().unwrap()
}

/// A refusal as every refusal looks. The audit log has its step.
async fn is_refused(stack: &Stack, browser: &ConsoleClient<'_>, answer: &HttpResponse, who: &str, step: &str) {
    assert_eq!(answer.status, 403, "{step}: {answer:?}");
    is_secured(answer);
    assert_eq!(last_audit(stack).await, format!("{who}: sign_in, refused: {step}"));
    assert!(answer.text.contains("You are not signed in."), "{step}: {answer:?}");
    assert!(!answer.headers.contains_key("set-cookie") && browser.cookie(SESSION).is_none(), "{step}");
}

/// A value of an address's query.
fn value(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name).unwrap().1.into_owned()
}

#[test]
fn an_operator_signs_in_at_the_provider_and_is_that_person_from_then_on() {
    run(async {
        for (kind, twist) in [(KeyKind::Ecdsa, Twist::None), (KeyKind::Rsa, Twist::InUserInfo)] {
            let (stack, provider) = started(kind).await;
            provider.twist(twist);
            let browser = stack.browser();
            let page = browser.follow("/console").await;
            assert!(page.text.contains("Sign in at 127.0.0.1") && page.text.contains(TO_PROVIDER), "{page:?}");
            let led = browser.get(TO_PROVIDER).await;
            let to = led.location().to_owned();
            assert!(to.starts_with(&format!("{}/authorize?", provider.issuer())), "{to}");
            let texts = [("response_type", "code"), ("code_challenge_method", "S256"), ("scope", "openid email")];
            for (name, expected) in texts {
                assert_eq!(value(&to, name), expected);
            }
            assert_eq!(value(&to, "redirect_uri"), format!("{}/console/sign-in/callback", stack.url()));
            let cookie = led.headers["set-cookie"].to_str().unwrap();
            assert!(cookie.starts_with("__Host-recourse-sign-in=") && cookie.contains("Max-Age=600"), "{cookie}");

            let back = stack.to(Request::get(&to).body(Vec::new()).unwrap()).await;
            let back = back.location().strip_prefix(stack.url()).unwrap().to_owned();
            let done = browser.get(&back).await;
            assert_eq!((done.status, done.location()), (303, "/console/queue"), "{done:?}");
            is_secured(&done);
            assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in, done");
            assert!(browser.cookie(BROWSER).is_none() && is_signed_in(&browser).await);
            let asked = provider.requests().iter().filter(|path| *path == "/userinfo").count();
            assert_eq!(asked, usize::from(twist == Twist::InUserInfo));

            let linked = operator(&stack, AISYAH).await;
            let identity = linked.identity.as_ref().unwrap();
            assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (provider.issuer(), "subject-aisyah"));
            let role = linked.role;
            let record = stack.store().operator_record(&linked.email).await.unwrap().unwrap();
            let last = record.audit.last().unwrap();
            let event = OperatorEvent::IdentityLinked((**identity).clone());
            assert_eq!((&last.event, last.by.name.as_str()), (&event, "Aisyah"));

            // What the provider says of roles does not count, and a second time writes no operator.
            let again = stack.browser();
            assert_eq!(signed_in(&stack, &again).await.status, 303);
            assert!(is_signed_in(&again).await && is_signed_in(&browser).await);
            assert_eq!(operator(&stack, AISYAH).await, linked);
            assert_eq!((role.name(), browser.get(TO_PROVIDER).await.location()), ("agent", "/console/queue"));
            assert_eq!(browser.get(&back).await.status, 403, "what a browser came back with counts once");
        }
    });
}

#[test]
fn whatever_is_wrong_the_page_is_the_same_and_the_audit_log_has_the_step() {
    run(async {
        let (stack, provider) = started(KeyKind::Ecdsa).await;
        let mut pages = Vec::new();
        for (twist, step) in [
            (Twist::Denied, "access_denied"),
            (Twist::TokenHuge, "token_unreachable"),
            (Twist::TokenRedirects, "token_unreachable"),
            (Twist::TokenWithoutId, "token_malformed"),
            (Twist::OtherNonce, "nonce"),
            (Twist::NoNonce, "nonce"),
            (Twist::OtherAudience, "audience"),
            (Twist::TwoAudiences, "audience"),
            (Twist::OtherParty, "audience"),
            (Twist::OtherIssuer, "issuer"),
            (Twist::Expired, "expired"),
            (Twist::FromTheFuture, "expired"),
            (Twist::Unsigned, "algorithm"),
            (Twist::UnderSecret, "algorithm"),
            (Twist::Changed, "signature"),
            (Twist::UnknownKey, "unknown_key"),
            (Twist::OtherInUserInfo, "userinfo_malformed"),
        ] {
            provider.twist(twist);
            let browser = stack.browser();
            let answer = signed_in(&stack, &browser).await;
            is_refused(&stack, &browser, &answer, "nobody", step).await;
            pages.push(answer.without_ids());
        }
        provider.twist(Twist::None);
        let unverified = |verified| Claimed { verified, ..Claimed::verified("subject-aisyah", AISYAH) };
        for (claimed, step) in [
            (unverified(json!(false)), "unverified_email"),
            (unverified(json!(null)), "unverified_email"),
            (Claimed { email: None, ..unverified(json!(true)) }, "no_email"),
            (Claimed::verified("x", "no address"), "no_email"),
            (Claimed::verified("x", "nobody@stranger.example"), "unknown_operator"),
            (Claimed::verified("", AISYAH), "id_token"),
            (Claimed::verified(&"x".repeat(256), AISYAH), "id_token"),
        ] {
            provider.claim(claimed);
            let browser = stack.browser();
            let answer = signed_in(&stack, &browser).await;
            is_refused(&stack, &browser, &answer, "nobody", step).await;
            pages.push(answer.without_ids());
        }
        // A text is not true.
        provider.claim(unverified(json!("true")));
        assert_eq!(signed_in(&stack, &stack.browser()).await.status, 403);
        for page in &pages {
            assert_eq!(page, &pages[0]);
        }
        assert!(operator(&stack, AISYAH).await.identity.is_none(), "nobody signed in");
        let removed = MailAddress::parse(AISYAH).unwrap();
        let remove = ["operator", "remove", removed.as_str()];
        assert_eq!(recourse(&stack, folder().path(), &remove).await.code, 0);
        provider.claim(Claimed::verified("subject-aisyah", AISYAH));
        let browser = stack.browser();
        let answer = signed_in(&stack, &browser).await;
        is_refused(&stack, &browser, &answer, "nobody", "unknown_operator").await;
    });
}

#[test]
fn what_a_browser_comes_back_with_counts_once_in_the_browser_that_began() {
    run(async {
        let (stack, _provider) = started(KeyKind::Ecdsa).await;
        let (browser, other) = (stack.browser(), stack.browser());
        let back = authorized(&stack, &browser).await;
        let code = value(&back, "code");
        // Another browser, with and without an attempt of its own: the attempt stays good.
        let others = authorized(&stack, &other).await;
        for stranger in [&stack.browser(), &other] {
            let refused = stranger.get(&back).await;
            is_refused(&stack, stranger, &refused, "nobody", "other_browser").await;
        }
        for (query, step) in [
            (String::new(), "state"),
            (format!("code={code}"), "state"),
            (format!("state=x&code={code}"), "state"),
            (format!("state={}&code={code}", "A".repeat(43)), "state"),
            (format!("state=a&state=b&code={code}"), "callback"),
            (format!("state={}", "x".repeat(5_000)), "callback"),
        ] {
            let refused = browser.get(&format!("/console/sign-in/callback?{query}")).await;
            is_refused(&stack, &browser, &refused, "nobody", step).await;
        }
        assert_eq!(browser.get(&back).await.status, 303, "and is finished by the first one");
        assert!(is_signed_in(&browser).await);

        // A code that was used, and one of another attempt: PKCE does not fit.
        for wrong in [code, value(&others, "code")] {
            let victim = stack.browser();
            let own = authorized(&stack, &victim).await;
            let refused = victim.get(&own.replace(&value(&own, "code"), &wrong)).await;
            is_refused(&stack, &victim, &refused, "nobody", "code_refused").await;
            let again = victim.get(&own).await;
            is_refused(&stack, &victim, &again, "nobody", "state").await;
        }
        for (query, step) in [
            ("code=x&iss=a&iss=b", "callback"),
            ("code=x&iss=https%3A%2F%2Fid.example", "issuer"),
            ("code=", "code"),
            ("error=%3Cb%3E&error_description=x", "provider_error"),
        ] {
            let victim = stack.browser();
            let state = value(&authorized(&stack, &victim).await, "state");
            let refused = victim.get(&format!("/console/sign-in/callback?state={state}&{query}")).await;
            is_refused(&stack, &victim, &refused, "nobody", step).await;
        }
    });
}

#[test]
fn of_one_answer_at_the_same_moment_one_request_signs_in() {
    run(async {
        let (stack, _provider) = started(KeyKind::Ecdsa).await;
        let browser = stack.browser();
        let back = authorized(&stack, &browser).await;
        let (first, second) = tokio::join!(browser.get(&back), browser.get(&back));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 403]);
        let done = audit_log(&stack).await.into_iter().filter(|entry| entry.action == "sign_in");
        let mut outcomes: Vec<_> = done.map(|entry| entry.outcome.to_string()).collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["done", "refused: state"]);
    });
}

#[test]
fn an_attempt_lasts_ten_minutes() {
    run(async {
        // Under AWS's own emulator, functions have the machine's clock.
        let mut options = Options { emulator: None, ..options() };
        let provider = provider_for(&mut options, KeyKind::Ecdsa).await;
        let stack = Stack::start(options).await;
        acquaint(&stack, &provider).await;
        provider.claim(Claimed::verified("subject-aisyah", AISYAH));
        let (in_time, late) = (stack.browser(), stack.browser());
        let (first, second) = (authorized(&stack, &in_time).await, authorized(&stack, &late).await);
        stack.cloud().clock.advance(Duration::from_secs(4 * 60)).unwrap();
        assert_eq!(in_time.get(&first).await.status, 303);
        stack.cloud().clock.advance(Duration::from_secs(6 * 60)).unwrap();
        let refused = late.get(&second).await;
        is_refused(&stack, &late, &refused, "nobody", "state").await;
    });
}

#[test]
fn a_new_key_of_the_provider_is_fetched_once_and_a_known_one_not_again() {
    run(async {
        let (stack, provider) = started(KeyKind::Ecdsa).await;
        let fetched = || provider.requests().iter().filter(|path| *path == "/keys").count();
        for _ in 0..3 {
            assert_eq!(signed_in(&stack, &stack.browser()).await.status, 303);
        }
        assert_eq!(fetched(), 1, "for a minute they are known");
        provider.rotate(KeyKind::Rsa);
        for _ in 0..2 {
            assert_eq!(signed_in(&stack, &stack.browser()).await.status, 303);
        }
        assert_eq!(fetched(), 2);
        provider.twist(Twist::UnknownKey);
        assert_eq!(signed_in(&stack, &stack.browser()).await.status, 403);
        assert_eq!(fetched(), 3, "once for each sign-in");
    });
}

#[test]
fn somebody_else_with_the_address_is_refused_until_an_admin_resets_it() {
    run(async {
        let (stack, provider) = started(KeyKind::Ecdsa).await;
        assert_eq!(signed_in(&stack, &stack.browser()).await.status, 303);
        provider.claim(Claimed::verified("subject-successor", &AISYAH.to_uppercase()));
        let successor = stack.browser();
        let refused = signed_in(&stack, &successor).await;
        is_refused(&stack, &successor, &refused, "Aisyah (agent)", "other_subject").await;

        let reset = ["operator", "reset-identity", AISYAH, "--why", "a successor"];
        let said = recourse(&stack, folder().path(), &reset).await;
        assert_eq!((said.code, said.out.contains("next sign-in")), (0, true), "{}{}", said.out, said.err);
        let said = recourse(&stack, folder().path(), &reset).await;
        assert!(said.code == 0 && said.out.contains("nothing changed"), "{}{}", said.out, said.err);
        assert_eq!(signed_in(&stack, &successor).await.status, 303);
        assert_eq!(operator(&stack, AISYAH).await.identity.unwrap().subject, "subject-successor");

        // The same in the settings, where an auditor sees no such form.
        provider.claim(Claimed::verified("subject-aisyah", AISYAH));
        assert_eq!(signed_in(&stack, &stack.browser()).await.status, 403);
        let (eve, dev) = (stack.sign_in("admin").await, stack.sign_in("auditor").await);
        let page = eve.get(OPERATORS).await;
        assert_eq!(page.text.matches("value=\"reset_identity\"").count(), 1, "{page:?}");
        assert!(!dev.get(OPERATORS).await.text.contains("reset_identity"));
        let form = [("do", "reset_identity"), ("email", AISYAH), ("why", "back again")];
        let done = eve.submit(OPERATORS, OPERATORS, &form).await;
        assert_eq!((done.status, done.location()), (303, "/console/settings/operators?done=identity_reset"));
        assert_eq!(last_audit(&stack).await, "Eve (admin): operator_reset_identity, done");
        assert!(eve.get(done.location()).await.text.contains("Whoever signs in next"));
        let again = eve.submit(OPERATORS, OPERATORS, &form).await;
        assert!(again.status == 422 && again.text.contains("nothing to reset"), "{again:?}");
        let forbidden = stack.sign_in("supervisor").await.submit("/console/somewhere", OPERATORS, &form).await;
        assert_eq!(forbidden.status, 403);
        assert_eq!(signed_in(&stack, &stack.browser()).await.status, 303);

        let said = recourse(&stack, folder().path(), &["operator", "show", AISYAH]).await;
        for part in ["signed in first as subject-successor at http://127.0.0.1", "reset who it is", "a successor"] {
            assert!(said.out.contains(part), "{part}: {}", said.out);
        }
        // Another operator's address for the same person at the provider.
        provider.claim(Claimed::verified("subject-aisyah", BEN));
        let other = stack.browser();
        let refused = signed_in(&stack, &other).await;
        is_refused(&stack, &other, &refused, "Ben (agent)", "other_operator").await;
        assert!(operator(&stack, BEN).await.identity.is_none());
        provider.claim(Claimed::verified("subject-aisyah", AISYAH));
        // Who is created anew is nobody there yet.
        for command in [&["remove", AISYAH][..], &["create", AISYAH, "--name", "Aisyah", "--role", "agent"]] {
            let done = recourse(&stack, folder().path(), &[&["operator"], command].concat()).await;
            assert_eq!(done.code, 0, "{command:?}: {}", done.err);
        }
        assert!(operator(&stack, AISYAH).await.identity.is_none());
    });
}

#[test]
fn with_a_provider_admins_alone_are_mailed_a_link_and_the_answer_is_the_same() {
    run(async {
        let (stack, provider) = started(KeyKind::Ecdsa).await;
        provider.stop();
        ask(&stack.browser(), "warm@stranger.example").await;
        let (mut answers, browser, stranger) = (Vec::new(), stack.browser(), stack.browser());
        for (email, entry) in [
            ("nobody@stranger.example", "nobody: sign_in_link, refused: unknown_address"),
            (AISYAH, "Aisyah (agent): sign_in_link, refused: not_admin"),
            (EVE, "Eve (admin): sign_in_link, done"),
        ] {
            let asking = if email == EVE { &browser } else { &stranger };
            stack.cloud().dynamodb.clear_calls();
            let mut answer = ask(asking, email).await.without_ids();
            let calls = stack.dynamodb_calls(SIGN_IN);
            assert_eq!(last_audit(&stack).await, entry);
            answer.headers.remove("set-cookie").unwrap();
            answers.push((answer, calls));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        let link = mailed_link(&stack, EVE, 1).await;
        assert_eq!(browser.get(&link).await.status, 303);
        assert!(is_signed_in(&browser).await);
        assert!(stack.mails_to(AISYAH).is_empty());
        let sent = stack.browser().get("/console/sign-in?sent").await;
        assert!(sent.text.contains("belongs to an admin"), "{sent:?}");
    });
}

#[test]
fn a_provider_that_does_not_work_lets_nobody_in_and_writes_no_attempt() {
    run(async {
        for (twist, step) in [
            (Twist::DiscoveryHuge, "provider_unreachable"),
            (Twist::DiscoveryRedirects, "provider_unreachable"),
            (Twist::DiscoveryOtherIssuer, "provider_issuer"),
            (Twist::DiscoveryMalformed, "provider_malformed"),
            (Twist::DiscoveryPrivate, "provider_malformed"),
        ] {
            let (stack, provider) = started(KeyKind::Ecdsa).await;
            provider.twist(twist);
            let browser = stack.browser();
            let answer = browser.get(TO_PROVIDER).await;
            assert_eq!(answer.status, 503, "{twist:?}: {answer:?}");
            is_secured(&answer);
            assert!(answer.text.contains("cannot be reached at the moment") && browser.cookie(BROWSER).is_none());
            assert_eq!(last_audit(&stack).await, format!("nobody: sign_in, refused: {step}"));
            let items = stack.items("EPHEMERAL_TABLE").await;
            assert!(items.keys().all(|(pk, _)| !pk.starts_with("OIDC#")), "{twist:?}");
            provider.twist(Twist::None);
            assert_eq!(signed_in(&stack, &browser).await.status, 303, "a failure is not cached");
        }
        // It ends while somebody is there.
        let (stack, provider) = started(KeyKind::Ecdsa).await;
        let browser = stack.browser();
        let back = authorized(&stack, &browser).await;
        provider.stop();
        let refused = browser.get(&back).await;
        is_refused(&stack, &browser, &refused, "nobody", "token_unreachable").await;
    });
}

#[test]
fn without_the_right_secret_nobody_gets_in() {
    run(async {
        let mut options = options();
        let provider = provider_for(&mut options, KeyKind::Ecdsa).await;
        let stack = Stack::start(options).await;
        provider.register(stack.url());
        provider.claim(Claimed::verified("subject-aisyah", AISYAH));
        let browser = stack.browser();
        let refused = signed_in(&stack, &browser).await;
        is_refused(&stack, &browser, &refused, "nobody", "no_secret").await;
        let secret = ["operator", "identity-secret"];
        for wrong in ["", "two words", "two\nlines"] {
            let said = recourse_reading(&stack, &secret, wrong).await;
            assert!(said.code == 2 && said.err.contains("1 to 1000"), "{}{}", said.out, said.err);
        }
        assert_eq!(recourse_reading(&stack, &secret, "another-secret").await.code, 0);
        let refused = signed_in(&stack, &browser).await;
        is_refused(&stack, &browser, &refused, "nobody", "client_refused").await;
        acquaint(&stack, &provider).await;
        assert_eq!(signed_in(&stack, &browser).await.status, 303, "the last one holds at once");
        let audit = stack.store().identity_secret_audit().await.unwrap();
        let entries: Vec<_> =
            audit.iter().map(|entry| (entry.version, entry.by.name.as_str(), entry.why.as_deref())).collect();
        assert_eq!(entries, [(1, "tester", None), (2, "tester", Some("a new client"))]);
    });
}

#[test]
fn the_doctor_finds_what_keeps_operators_from_signing_in() {
    run(async {
        let mut options = options();
        let provider = provider_for(&mut options, KeyKind::Rsa).await;
        let stack = Stack::start(options).await;
        let lines = async || {
            let said = recourse(&stack, folder().path(), &["doctor"]).await;
            let lines = said.out.lines().filter(|line| line.contains("sign-in") || line.contains("redirect URI"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let found = lines().await;
        assert!(found[0].starts_with("ok     sign-in ") && found[0].contains("keys: 1"), "{found:?}");
        assert!(found[1].starts_with("WRONG  sign-in secret") && found[1].contains("identity-secret"), "{found:?}");
        let redirect = format!("{}/console/sign-in/callback", stack.url());
        assert!(found[2].starts_with("-      redirect URI") && found[2].contains(&redirect), "{found:?}");
        acquaint(&stack, &provider).await;
        let found = lines().await;
        assert!(found[1].starts_with("ok     sign-in secret") && found[1].contains("set by tester"), "{found:?}");
        for (twist, said) in [
            (Twist::DiscoveryHuge, "more than 65536 bytes"),
            (Twist::DiscoveryRedirects, "302"),
            (Twist::DiscoveryOtherIssuer, "calls itself"),
            (Twist::DiscoveryMalformed, "calls itself"),
            (Twist::DiscoveryPrivate, "no token_endpoint"),
        ] {
            provider.twist(twist);
            let found = lines().await;
            assert!(found[0].starts_with("WRONG  sign-in ") && found[0].contains(said), "{found:?}");
        }
        provider.stop();
        let found = lines().await;
        assert!(found[0].starts_with("WRONG  sign-in ") && found[0].contains("does not answer"), "{found:?}");
    });
}

#[test]
fn sign_ins_are_limited_by_source() {
    run(async {
        let (stack, _provider) = started(KeyKind::Ecdsa).await;
        let browser = stack.browser();
        let back = authorized(&stack, &browser).await;
        let (cap, now) = (Cap::SignInsFromSource([127, 0, 0, 1].into()), stack.cloud().clock.now_millis());
        // In this hour and the next, as one may begin.
        for now in [now, UnixMillis(now.0 + 3_600_000)] {
            while stack.store().count(&cap, 300, now).await.unwrap() == CapOutcome::Within {}
        }
        let entries = audit_log(&stack).await.len();
        for path in [TO_PROVIDER, "/console/sign-in/callback?state=x"] {
            let refused = stack.browser().get(path).await;
            assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"3600".parse().unwrap()), "{path}");
            is_secured(&refused);
        }
        assert_eq!(audit_log(&stack).await.len(), entries, "which costs no entry");
        assert_eq!(browser.get(&back).await.status, 303, "who began before gets in");
    });
}

#[test]
fn what_the_audit_log_does_not_have_signs_nobody_in() {
    run(async {
        let (stack, _provider) = started(KeyKind::Ecdsa).await;
        let browser = stack.browser();
        let back = authorized(&stack, &browser).await;
        for fault in [Fault::Unreachable, Fault::ServerError] {
            stack.cloud().dynamodb.set_fault_of(SIGN_IN, fault);
            for path in [back.as_str(), TO_PROVIDER] {
                let answer = stack.browser().get(path).await;
                assert_eq!(answer.status, 503, "{fault:?} {path}");
                is_secured(&answer);
            }
            assert_eq!(browser.get(&back).await.status, 503);
            stack.cloud().dynamodb.set_fault_of(SIGN_IN, Fault::None);
        }
        assert!(browser.cookie(SESSION).is_none());
        assert_eq!(browser.get(&back).await.status, 303, "the attempt is as it was");
    });
}

/// The log of the functions and the keys of the tables name nobody.
#[test]
fn no_log_line_has_a_code_a_subject_or_a_secret_and_the_tables_hold_no_token() {
    run(async {
        let (stack, provider) = started(KeyKind::Ecdsa).await;
        let browser = stack.browser();
        let back = authorized(&stack, &browser).await;
        let binding = browser.cookie(BROWSER).unwrap();
        browser.get(&back).await;
        provider.claim(Claimed::verified("subject-stranger", "secret@stranger.example"));
        assert_eq!(signed_in(&stack, &stack.browser()).await.status, 403);
        let lines = stack.request_lines(SIGN_IN, 4).await;
        assert_eq!(lines.last().unwrap()["outcome"], "unknown_operator", "{lines:?}");
        let session = browser.cookie(SESSION).unwrap();
        let (code, state) = (value(&back, "code"), value(&back, "state"));
        let own = [IDENTITY_SECRET, &code, &state, &binding, &session];
        for secret in own.into_iter().chain([AISYAH, "secret@", "subject-", "127.0.0.1:"]) {
            for line in stack.log().iter().filter(|line| line.from == SIGN_IN) {
                assert!(!line.text.contains(secret), "{secret} in {}", line.text);
            }
        }
        for table in ["DISPUTES_TABLE", "EPHEMERAL_TABLE"] {
            for (key, item) in stack.items(table).await {
                let item = item.to_string();
                assert!(own.iter().all(|secret| !item.contains(*secret)), "{key:?} {item}");
            }
        }
        let refused = stack.log().into_iter().filter(|line| line.text.contains("a sign-in at the identity provider"));
        let refused: Vec<_> = refused.map(|line| line.text).collect();
        assert!(refused.len() == 1 && refused[0].contains("unknown_operator"), "{refused:?}");
    });
}

#[test]
fn without_a_provider_there_is_no_way_to_one() {
    run(async {
        let stack = crate::harness::shared().await;
        let (stranger, signed_in) = (stack.browser(), stack.sign_in("agent").await);
        for path in [TO_PROVIDER, "/console/sign-in/callback?state=x&code=y"] {
            let led = stranger.get(path).await;
            assert_eq!((led.status, led.location()), (303, "/console/sign-in"), "{path}");
            assert_eq!(signed_in.get(path).await.status, 404, "{path}");
        }
        assert!(!stranger.get("/console/sign-in").await.text.contains(TO_PROVIDER));
    });
}
