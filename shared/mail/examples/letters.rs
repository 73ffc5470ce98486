//! Writes every mail that can come about as text and HTML into a folder, to look at: `cargo run -p
//! recourse-mail --example letters -- FOLDER`.

use std::error::Error;
use std::path::PathBuf;

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::{Category, Side};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notice::{Notice, Stand};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::policy::notifications::every_mail;
use recourse_dispute::time::UnixMillis;
use recourse_mail::{Branding, Letters};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    let branding = Branding::new("Recourse", MailAddress::parse("support@recourse.example")?)?;
    let live = Stand {
        log_code: Some("FBN00II551".to_owned()),
        transaction: Some("BillPayment 1286176".to_owned()),
        category: Category::Chargeback,
        status: Some("Chargeback".to_owned()),
        turn: Some(Side::Respondent),
        ends_at: Some(UnixMillis(1_770_256_800_000)),
    };
    let closed = Stand { status: Some("Accepted".to_owned()), turn: None, ends_at: None, ..live.clone() };
    for (letter, audience, cause, state) in every_mail() {
        let notice = Notice {
            letter,
            audience,
            cause,
            number: DisputeNumber::from_base62("4fQ9zLk2")?,
            account: AccountId::parse("acct_demo")?,
            recipients: Recipients::parse(&[], &MailAddress::parse("account@client.example")?)?,
            refid: Refid::parse("123456")?,
            product: Some("Steam Wallet 50".to_owned()),
            amount: Money::parse("1550.00", Currency::parse("NGN")?)?,
            disputed: Some(Money::parse("10.00", Currency::parse("NGN")?)?),
            stand: letter.is_for_parties().then(|| if state.is_open() { live.clone() } else { closed.clone() }),
            undelivered: None,
        };
        let letters = Letters::write(&notice, &branding)?;
        let name =
            format!("{letter:?}-{audience:?}-{cause:?}").to_lowercase().replace(|at: char| !at.is_alphanumeric(), "-");
        std::fs::write(folder.join(format!("{name}.txt")), letters.text)?;
        std::fs::write(folder.join(format!("{name}.html")), letters.html)?;
    }
    Ok(())
}
