//! Pages that look again by themselves.
//!
//! A look shows what its page showed, so the audit log has the view of the page alone. It counts as
//! a look only with the token that the page was given: for the same session and address, and for
//! ten minutes. Afterwards a look is a view like any other, in the audit log, and brings a new
//! token. What says it is a look and has no token of ours is answered with the whole page.

use recourse_dispute::time::UnixMillis;
use recourse_edge::Request;

use crate::seal::Seals;

/// The header that has the token.
pub(crate) const LOOK_HEADER: &str = "recourse-look";

/// How long a token holds.
const LIFETIME_MS: i64 = 10 * 60 * 1000;
/// What the token is sealed for.
const PURPOSE: &str = "look";

/// A look with a token that the page was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look<'a> {
    /// The token as it came.
    pub(crate) token: &'a str,
    /// What the page noted in it: how far the case was.
    pub(crate) note: &'a str,
    /// Whether its time is over, so that the look is a view.
    pub(crate) is_over: bool,
}

impl Seals {
    /// The token with which the page at this address looks again. `note` has no `.`.
    pub(crate) fn look_token(&self, address: &str, note: &str, now: UnixMillis) -> String {
        let until = now.plus(LIFETIME_MS).0.to_string();
        let seal = self.seal(PURPOSE, &[address, &until, note]);
        format!("{until}.{note}.{seal}")
    }

    /// The look that a request is; `None` of one without a token of this session and address.
    pub(crate) fn look<'a>(&self, request: &'a Request, address: &str, now: UnixMillis) -> Option<Look<'a>> {
        let token = request.header(LOOK_HEADER)?;
        let mut parts = token.splitn(3, '.');
        let (until, note, seal) = (parts.next()?, parts.next()?, parts.next()?);
        let end = until.parse().ok().map(UnixMillis)?;
        self.is_sealed(PURPOSE, &[address, until, note], seal).then_some(Look { token, note, is_over: now >= end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::testing::seals;
    use crate::visitor::testing::request;

    const NOW: UnixMillis = UnixMillis(1_764_547_200_000);
    const ADDRESS: &str = "/console/queue?list=new";

    fn with(token: &str) -> Request {
        request("GET", &[(LOOK_HEADER, token)], &[], "")
    }

    #[test]
    fn a_look_is_of_its_session_and_address_and_ends() {
        let (aisyah, ben) = (seals("aisyah"), seals("ben"));
        let token = aisyah.look_token(ADDRESS, "3-1-12", NOW);
        let sent = with(&token);
        let look = aisyah.look(&sent, ADDRESS, NOW).unwrap();
        assert_eq!((look.token, look.note, look.is_over), (&*token, "3-1-12", false));
        let end = NOW.plus(LIFETIME_MS);
        assert!(!aisyah.look(&sent, ADDRESS, end.plus(-1)).unwrap().is_over);
        assert!(aisyah.look(&sent, ADDRESS, end).unwrap().is_over);
        assert_eq!(aisyah.look(&sent, "/console/queue?list=mine", NOW), None);
        assert_eq!(ben.look(&sent, ADDRESS, NOW), None);
    }

    #[test]
    fn a_token_that_no_page_was_given_is_none() {
        let aisyah = seals("aisyah");
        let token = aisyah.look_token(ADDRESS, "", NOW);
        let (until, rest) = token.split_once('.').unwrap();
        let later = format!("{}.{rest}", until.parse::<i64>().unwrap() + 1);
        let noted = format!("{until}.1{rest}");
        for forged in ["", "live", "..", "1..", &later, &noted, &format!("{token}A"), token.get(1..).unwrap()] {
            assert_eq!(aisyah.look(&with(forged), ADDRESS, NOW), None, "{forged}");
        }
        assert_eq!(aisyah.look(&request("GET", &[], &[], ""), ADDRESS, NOW), None);
    }
}
