//! Which case a received mail belongs to.
//!
//! First the token of a plus-address decides, which nobody can make but Recourse; then the ids of
//! the mails that it answers; then one case id in the subject, if its sender is a recipient of that
//! case. Texts are never searched.

use std::collections::BTreeSet;

use recourse_casework::{MatchedBy, SenderRole, sender_role};
use recourse_dispute::number::DisputeNumber;
use recourse_inbound::{Verdict, words_like};
use recourse_signing::reply::{self, ReplyRole};
use recourse_store::SupportSnapshot;

use super::read::Mail;
use super::{InboundWorker, Trouble};

/// How many message ids one read looks up.
const MAX_IDS: usize = 100;
/// What the hosts of SES's message ids end in.
const SES: &str = ".amazonses.com";

/// The case of a mail, as it is stored.
#[derive(Clone, Debug)]
pub(super) struct FoundCase {
    pub(super) snapshot: SupportSnapshot,
    pub(super) matched_by: MatchedBy,
}

/// What was found out on the way to a mail's case.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// The case, if there is one.
    pub(super) case: Option<FoundCase>,
    /// How many tokens were none of ours.
    pub(super) forged_tokens: u64,
    /// Whether we sent the mail itself.
    pub(super) is_own: bool,
}

/// What the tokens of a mail name, each in its order.
#[derive(Default)]
struct Tokens {
    /// The cases of mails to their people.
    case: Vec<DisputeNumber>,
    /// The cases of mails to banks and merchants.
    party: Vec<DisputeNumber>,
    /// How many tokens were none of ours.
    forged: u64,
}

impl InboundWorker {
    /// The case of a mail.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(super) async fn search(&self, mail: &Mail) -> Result<Search, Trouble> {
        let mut search = Search::default();
        let Tokens { case, party, forged } = self.by_tokens(mail).await?;
        search.forged_tokens = forged;
        search.case = self.first_of(&case, MatchedBy::Token, mail).await?;
        if search.case.is_none() {
            search.case = self.first_of(&party, MatchedBy::PartyToken, mail).await?;
        }
        let named: BTreeSet<_> = case.iter().chain(&party).collect();
        if let Some(case) = search.case.as_ref().filter(|_| named.len() > 1) {
            let (dispute, cases) = (case.snapshot.dispute.number.case_id(), named.len());
            tracing::warn!(dispute, cases, "a mail came to the addresses of several cases; it belongs to one");
        }
        let (numbers, is_own) = self.by_message_ids(mail).await?;
        search.is_own = is_own;
        if search.case.is_none() {
            search.case = self.first_of(&numbers, MatchedBy::Reference, mail).await?;
        }
        if search.case.is_none() {
            search.case = self.by_subject(mail).await?;
        }
        Ok(search)
    }

    /// What the tokens of a mail name.
    async fn by_tokens(&self, mail: &Mail) -> Result<Tokens, Trouble> {
        let mut tokens = Tokens::default();
        if mail.tokens.is_empty() {
            return Ok(tokens);
        }
        let key = crate::reply_key(&self.sealer, &self.store).await?;
        for token in &mail.tokens {
            let Some((number, role)) = reply::open(&key, token) else {
                tokens.forged += 1;
                continue;
            };
            let numbers = match role {
                ReplyRole::Case => &mut tokens.case,
                ReplyRole::Party => &mut tokens.party,
            };
            numbers.extend(DisputeNumber::try_from(number).ok().filter(|number| !numbers.contains(number)));
        }
        Ok(tokens)
    }

    /// The cases of our mails that this one answers, the nearest first, and whether it is one of
    /// them itself.
    async fn by_message_ids(&self, mail: &Mail) -> Result<(Vec<DisputeNumber>, bool), Trouble> {
        let region = self.region.as_str();
        let own = mail.message_id.as_deref().map(|id| spellings(id, region)).unwrap_or_default();
        let answered = mail.answers.iter().flat_map(|id| spellings(id, region));
        let ids: Vec<String> = own.iter().cloned().chain(answered).take(MAX_IDS).collect();
        if ids.is_empty() {
            return Ok((Vec::new(), false));
        }
        let found = self.store.case_of_message_ids(&ids).await?;
        let (itself, answered) = found.split_at_checked(own.len()).unwrap_or((&found, &[]));
        let mut numbers: Vec<DisputeNumber> = Vec::new();
        for mail in answered.iter().flatten() {
            if !numbers.contains(&mail.number) {
                numbers.push(mail.number);
            }
        }
        Ok((numbers, itself.iter().any(Option::is_some)))
    }

    /// The case that the subject names, if it names one and the sender is a recipient of it.
    async fn by_subject(&self, mail: &Mail) -> Result<Option<FoundCase>, Trouble> {
        let ids = words_like(&mail.subject, |word| word.starts_with("RC-") && number_of(word).is_some());
        let [id] = ids.as_slice() else { return Ok(None) };
        if mail.verdicts.dmarc == Verdict::Fail {
            return Ok(None);
        }
        let numbers: Vec<_> = number_of(id).into_iter().collect();
        let case = self.first_of(&numbers, MatchedBy::Subject, mail).await?;
        let is_recipient =
            |case: &FoundCase| sender_role(&case.snapshot.dispute, mail.from.as_ref()) != SenderRole::ThirdParty;
        Ok(case.filter(is_recipient))
    }

    /// The first of these cases whose customer sent the mail, else the first that exists.
    async fn first_of(
        &self,
        numbers: &[DisputeNumber],
        matched_by: MatchedBy,
        mail: &Mail,
    ) -> Result<Option<FoundCase>, Trouble> {
        let mut first = None;
        for number in numbers.iter().filter(|number| **number != DisputeNumber::NO_CASE) {
            let Some(snapshot) = self.store.support_snapshot(*number).await? else { continue };
            let is_customers = sender_role(&snapshot.dispute, mail.from.as_ref()) == SenderRole::Customer;
            let found = FoundCase { snapshot, matched_by };
            if is_customers {
                return Ok(Some(found));
            }
            first.get_or_insert(found);
        }
        Ok(first)
    }
}

fn number_of(case_id: &str) -> Option<DisputeNumber> {
    DisputeNumber::from_any_view(case_id).ok()
}

/// The forms under which a message id may be stored. SES names the host after its region, or
/// `email` (in us-east-1), and a deployment may have moved.
fn spellings(id: &str, region: &str) -> Vec<String> {
    let mut forms = vec![id.to_owned()];
    if let Some((local, host)) = id.rsplit_once('@')
        && host.to_ascii_lowercase().ends_with(SES)
    {
        for host in ["email", region] {
            let other = format!("{local}@{host}{SES}");
            if !forms.iter().any(|form| form.eq_ignore_ascii_case(&other)) {
                forms.push(other);
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_ses_has_the_forms_of_every_region_that_it_may_come_from() {
        let forms = spellings("0100-1@eu-west-1.amazonses.com", "ap-southeast-1");
        let others = ["email", "ap-southeast-1"].map(|host| format!("0100-1@{host}.amazonses.com"));
        assert_eq!(forms, [vec!["0100-1@eu-west-1.amazonses.com".to_owned()], others.to_vec()].concat());
        assert_eq!(spellings("a@EMAIL.amazonses.com", "us-east-1").len(), 2);
        assert_eq!(spellings("a@mail.example", "us-east-1"), ["a@mail.example"]);
        assert_eq!(spellings("a", "us-east-1"), ["a"]);
    }
}
