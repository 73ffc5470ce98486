//! The keys of all accounts: old ones, and ones whose replacement exists.

use recourse_dispute::time::UnixMillis;
use recourse_store::{AccountRecord, KeyRecord, LIVE_KEYS, Role, Store, StoreError};

use super::Check;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn checks(store: &Store, now: UnixMillis, max_days: u32) -> Vec<Check> {
    match accounts(store).await {
        Ok(accounts) => of(&accounts, now, max_days),
        Err(error) => vec![Check::unread("keys", &error)],
    }
}

async fn accounts(store: &Store) -> Result<Vec<AccountRecord>, StoreError> {
    let mut accounts = Vec::new();
    for id in store.account_ids().await? {
        accounts.extend(store.account_record(&id).await?);
    }
    Ok(accounts)
}

fn of(accounts: &[AccountRecord], now: UnixMillis, max_days: u32) -> Vec<Check> {
    let oldest = now.plus(-i64::from(max_days).saturating_mul(DAY_MS));
    let live = |account: &AccountRecord| account.keys.iter().filter(|key| key.is_live()).cloned().collect::<Vec<_>>();
    let is_old = |key: &KeyRecord| key.created_at.is_none_or(|created| created < oldest);
    let old: Vec<String> = accounts.iter().flat_map(live).filter(is_old).map(|key| key.key.to_string()).collect();
    let twice = |account: &&AccountRecord| {
        Role::ALL.iter().any(|role| live(account).iter().filter(|key| key.role == *role).count() >= LIVE_KEYS)
    };
    let twice: Vec<&str> = accounts.iter().filter(twice).map(|account| account.account.id.as_str()).collect();
    vec![
        Check::of(
            "key age",
            old.is_empty(),
            &format!("no live key of {} accounts is older than {max_days} days", accounts.len()),
            &format!("older than {max_days} days: {}", old.join(", ")),
            "`recourse key create` a second one, move the client over, `recourse key revoke` the first",
        ),
        Check::of(
            "key rotation",
            twice.is_empty(),
            "no account has two live keys of a role",
            &format!("two live keys of a role: {}", twice.join(", ")),
            "If the client uses the newer one, `recourse key revoke` the older one",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use recourse_dispute::addresses::MailAddress;
    use recourse_dispute::environment::Environment;
    use recourse_dispute::ids::{AccountId, KeyId};
    use recourse_store::{Account, AccountStatus};

    use super::super::CheckResult;
    use super::*;

    const NOW: UnixMillis = UnixMillis(400 * DAY_MS);

    fn account(keys: &[(&str, Role, i64, bool)]) -> AccountRecord {
        let key = |(key, role, age_days, live): &(&str, Role, i64, bool)| KeyRecord {
            key: KeyId::parse(key).unwrap(),
            role: *role,
            created_at: Some(NOW.plus(-age_days * DAY_MS)),
            revoked_at: (!live).then_some(NOW),
        };
        let account = Account {
            id: AccountId::parse("acct_x").unwrap(),
            name: "X".to_owned(),
            environment: Environment::Production,
            email: MailAddress::parse("x@x.example").unwrap(),
            merchant_id: None,
            domain_code: None,
        };
        let keys = keys.iter().map(key).collect();
        AccountRecord { account, status: AccountStatus::Active, version: 1, keys, audit: Vec::new() }
    }

    fn found(keys: &[(&str, Role, i64, bool)]) -> Vec<(CheckResult, String)> {
        of(&[account(keys)], NOW, 365).into_iter().map(|check| (check.verdict, check.found)).collect()
    }

    #[test]
    fn old_keys_and_pairs_of_live_keys_are_named() {
        let fine =
            found(&[("a", Role::Client, 365, true), ("b", Role::Platform, 1, true), ("c", Role::Client, 399, false)]);
        assert!(fine.iter().all(|(verdict, _)| *verdict == CheckResult::Ok), "{fine:?}");
        let wrong = found(&[("a", Role::Client, 366, true), ("b", Role::Client, 1, true)]);
        assert!(wrong.iter().all(|(verdict, _)| *verdict == CheckResult::Wrong), "{wrong:?}");
        assert!(wrong[0].1.ends_with(": a") && wrong[1].1.ends_with(": acct_x"), "{wrong:?}");
    }
}
